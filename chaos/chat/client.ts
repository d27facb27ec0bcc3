import { setTimeout as sleep } from "node:timers/promises";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import type { SeededRandom } from "../base/seeded-random.ts";
import type { ChatHistory } from "./history.ts";

/** Somebody who takes part. */
export type ChatUser = {
  readonly id: string;
  /** A client that signs in when it must. */
  client(): Promise<Client<typeof ChatService>>;
  /** The session is not taken any more. */
  discardToken(): void;
};

/** Between two attempts at the same call. */
const retryDelayMs = 20;

/** Whether a call may be made again, because the server, or the way there, was in trouble. */
export function isRetryable(error: unknown): boolean {
  const { code } = ConnectError.from(error);
  const troubles = [Code.Unavailable, Code.Canceled, Code.DeadlineExceeded, Code.Aborted];
  return [...troubles, Code.ResourceExhausted, Code.Unauthenticated].includes(code);
}

/**
 * Makes a call until it is answered: what its first answer would have been stays the same. At times the
 * caller goes away before he has the answer, as in a tunnel.
 */
export async function retryUntilAnswered<T>(
  person: ChatUser,
  history: ChatHistory,
  random: SeededRandom,
  call: (chats: Client<typeof ChatService>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const goesAfterMs = random.nextInt(20) === 0 ? random.nextInt(15) : 10_000;
    try {
      return await call(await person.client(), AbortSignal.timeout(goesAfterMs));
    } catch (error) {
      const { code } = ConnectError.from(error);
      if (code === Code.Unauthenticated) person.discardToken();
      if (!isRetryable(error)) {
        history.unexpectedErrors.push(String(error));
        if (attempt > 100) throw error;
      }
    }
    if (attempt === 0) history.indeterminate += 1;
    await sleep(retryDelayMs);
  }
}
