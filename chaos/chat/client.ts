import { setTimeout as sleep } from "node:timers/promises";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import type { Random } from "../base/seeded-random.ts";
import type { History } from "./history.ts";

/** Somebody who takes part. */
export type Person = {
  readonly id: string;
  /** A client that signs in when it must. */
  chats(): Promise<Client<typeof ChatService>>;
  /** The session is not taken any more. */
  signOut(): void;
};

/** Between two attempts at the same call. */
const pauseMs = 20;

/** Whether a call may be made again, because the server, or the way there, was in trouble. */
export function isTrouble(error: unknown): boolean {
  const { code } = ConnectError.from(error);
  const troubles = [Code.Unavailable, Code.Canceled, Code.DeadlineExceeded, Code.Aborted];
  return [...troubles, Code.ResourceExhausted, Code.Unauthenticated].includes(code);
}

/**
 * Makes a call until it is answered: what its first answer would have been stays the same. At times the
 * caller goes away before he has the answer, as in a tunnel.
 */
export async function settle<T>(
  person: Person,
  history: History,
  random: Random,
  call: (chats: Client<typeof ChatService>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const goesAfterMs = random.below(20) === 0 ? random.below(15) : 10_000;
    try {
      return await call(await person.chats(), AbortSignal.timeout(goesAfterMs));
    } catch (error) {
      const { code } = ConnectError.from(error);
      if (code === Code.Unauthenticated) person.signOut();
      if (!isTrouble(error)) {
        history.surprises.push(String(error));
        if (attempt > 100) throw error;
      }
    }
    if (attempt === 0) history.unknown += 1;
    await sleep(pauseMs);
  }
}
