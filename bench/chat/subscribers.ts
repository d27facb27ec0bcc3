import { answering, clockMs } from "./worker-process.ts";
import type { Attending, Chat, Plan, Round } from "./worker-protocol.ts";

/** How members of one kind of server come to it. */
export type Way = {
  /** Lets all members hear. Answers when they do; so many may connect, or all of them. */
  join(plan: Plan, port: number, connections: number): Promise<void>;
  send(chatId: string): Promise<unknown>;
};

let receipts = new Map<string, number[]>();
let missing = 0;
let onComplete: () => void = () => undefined;

/** To be called for each entry that a member is told. */
export function heard(chatId: string, seq: number): void {
  receipts.getOrInsertComputed(`${chatId} ${seq}`, () => []).push(clockMs());
  missing -= 1;
  if (missing === 0) onComplete();
}

/** Answers for the members. */
export function attend({ join, send }: Way): void {
  async function volley(chats: readonly Chat[], atOnce: number): Promise<number> {
    const messages = chats.flatMap((chat) => Array<Chat>(atOnce).fill(chat));
    const expected = messages.reduce((sum, { memberIds }) => sum + memberIds.length, 0);
    missing = expected;
    const complete = new Promise<void>((resolve) => {
      onComplete = resolve;
    });
    await Promise.all([complete, ...messages.map(({ id }) => send(id))]);
    return expected;
  }

  const answers: Attending = {
    join,
    async send(chats, atOnce, seconds): Promise<Round> {
      receipts = new Map();
      const startedAt = clockMs();
      let deliveries = 0;
      while (clockMs() < startedAt + seconds * 1_000) {
        deliveries += await volley(chats, atOnce);
      }
      return { deliveries, elapsedMs: clockMs() - startedAt, receipts };
    },
  };
  answering(answers);
}

/** Does something for each of many, so many at a time. */
export async function each<T>(
  all: readonly T[],
  atOnce: number,
  work: (one: T, index: number) => Promise<unknown>,
): Promise<void> {
  const left = all.entries();
  const worker = async () => {
    for (const [index, one] of left) await work(one, index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
