import { getActiveAccount } from "./account-guard.ts";
import { isOutcomeUnknown } from "./errors.ts";

const retryDelaysMs = [400, 1_600];

/**
 * Sends a request anew while no answer comes, twice at most. For what counts once however often it arrives: for
 * one account, hence not when there is another meanwhile.
 */
export async function retry<T>(send: () => Promise<T>): Promise<T> {
  const account = getActiveAccount();
  for (const pauseMs of retryDelaysMs) {
    try {
      return await send();
    } catch (error) {
      if (!isOutcomeUnknown(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (getActiveAccount() !== account) throw error;
    }
  }
  return send();
}
