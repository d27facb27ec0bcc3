import { getActiveAccount } from "./account-guard.ts";
import { isOutcomeUnknown } from "./errors.ts";

const retryDelaysMs = [400, 1_600];

/**
 * Retries an idempotent request after 0.4 s and 1.6 s while its outcome is unknown, unless another account becomes
 * active: the retry would be made for that one.
 */
export async function retry<T>(send: () => Promise<T>): Promise<T> {
  const account = getActiveAccount();
  for (const delayMs of retryDelaysMs) {
    try {
      return await send();
    } catch (error) {
      if (!isOutcomeUnknown(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (getActiveAccount() !== account) throw error;
    }
  }
  return send();
}
