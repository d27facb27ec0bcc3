import { setTimeout as sleep } from "node:timers/promises";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import type { SeededRandom } from "../base/seeded-random.ts";
import type { ChatHistory } from "./history.ts";

/** A chat user with a client that signs in on demand. */
export type ChatUser = {
  readonly id: string;
  client(): Promise<Client<typeof ChatService>>;
  /** Makes `client` sign in again. */
  discardToken(): void;
  /** Aborted when the run is given up. */
  readonly signal: AbortSignal;
};

const retryDelayMs = 20;
const maxUnexpectedErrors = 100;
const retryableCodes: readonly Code[] = [
  Code.Unavailable,
  Code.Canceled,
  Code.DeadlineExceeded,
  Code.Aborted,
  Code.ResourceExhausted,
  Code.Unauthenticated,
];

/** Whether a call may be repeated, because the server, the network or the session was lost. */
export function isRetryable(error: unknown): boolean {
  return retryableCodes.includes(ConnectError.from(error).code);
}

/** Retries until answered; sometimes cancels after a few ms, like a lost connection. Idempotency makes that safe. */
export async function retryUntilAnswered<T>(
  user: ChatUser,
  history: ChatHistory,
  random: SeededRandom,
  call: (chats: Client<typeof ChatService>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    user.signal.throwIfAborted();
    const timeoutMs = random.nextInt(20) === 0 ? random.nextInt(15) : 10_000;
    try {
      return await call(await user.client(), AbortSignal.timeout(timeoutMs));
    } catch (error) {
      if (ConnectError.from(error).code === Code.Unauthenticated) user.discardToken();
      if (!isRetryable(error)) {
        history.unexpectedErrors.push(String(error));
        if (attempt > maxUnexpectedErrors) throw error;
      }
    }
    if (attempt === 0) history.indeterminate += 1;
    await sleep(retryDelayMs);
  }
}
