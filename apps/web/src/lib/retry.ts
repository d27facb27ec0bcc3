import { actingFor } from "./account-guard.ts";
import { isUnanswered } from "./errors.ts";

const pausesMs = [400, 1_600];

/**
 * Sends a request anew while no answer comes, twice at most. For what counts once however often it arrives: for
 * one account, hence not when there is another meanwhile.
 */
export async function insist<T>(send: () => Promise<T>): Promise<T> {
  const account = actingFor();
  for (const pauseMs of pausesMs) {
    try {
      return await send();
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (actingFor() !== account) throw error;
    }
  }
  return send();
}
