import { clockMs, serveWorker } from "./worker-process.ts";
import type { BenchChat, ChatSetup, RoundReceipts, SubscriberWorker } from "./worker-protocol.ts";

/** How members of one kind of server come to it. */
export type ClientDriver = {
  /** Lets all members hear. Answers when they do; so many may connect, or all of them. */
  join(plan: ChatSetup, port: number, connections: number): Promise<void>;
  send(chatId: string): Promise<unknown>;
};

let receipts = new Map<string, number[]>();
let pendingDeliveries = 0;
let onComplete: () => void = () => undefined;

/** To be called for each entry that a member is told. */
export function recordDelivery(chatId: string, seq: number): void {
  receipts.getOrInsertComputed(`${chatId} ${seq}`, () => []).push(clockMs());
  pendingDeliveries -= 1;
  if (pendingDeliveries === 0) onComplete();
}

/** Answers for the members. */
export function runSubscribers({ join, send }: ClientDriver): void {
  async function volley(chats: readonly BenchChat[], atOnce: number): Promise<number> {
    const messages = chats.flatMap((chat) => Array<BenchChat>(atOnce).fill(chat));
    const expected = messages.reduce((sum, { memberIds }) => sum + memberIds.length, 0);
    pendingDeliveries = expected;
    const complete = new Promise<void>((resolve) => {
      onComplete = resolve;
    });
    await Promise.all([complete, ...messages.map(({ id }) => send(id))]);
    return expected;
  }

  const answers: SubscriberWorker = {
    join,
    async send(chats, atOnce, seconds): Promise<RoundReceipts> {
      receipts = new Map();
      const startedAt = clockMs();
      let deliveries = 0;
      while (clockMs() < startedAt + seconds * 1_000) {
        deliveries += await volley(chats, atOnce);
      }
      return { deliveries, elapsedMs: clockMs() - startedAt, receipts };
    },
  };
  serveWorker(answers);
}

/** Does something for each of many, so many at a time. */
export async function forEachConcurrent<T>(
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
