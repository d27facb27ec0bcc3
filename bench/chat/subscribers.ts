import { clockMs, serveWorker } from "./worker-process.ts";
import type { BenchChat, ChatSetup, RoundReceipts, SubscriberWorker } from "./worker-protocol.ts";

/** How clients of one server subscribe and send. */
export type ClientDriver = {
  /** Subscribes all members, over `connections` connections; resolves when all are live. */
  join(setup: ChatSetup, port: number, connections: number): Promise<void>;
  send(chatId: string): Promise<unknown>;
};

let receipts = new Map<string, number[]>();
let pendingDeliveries = 0;
let onComplete: () => void = () => undefined;

/** Records a delivery to a member. */
export function recordDelivery(chatId: string, seq: number): void {
  receipts.getOrInsertComputed(`${chatId} ${seq}`, () => []).push(clockMs());
  pendingDeliveries -= 1;
  if (pendingDeliveries === 0) onComplete();
}

/** Serves a subscriber process. */
export function runSubscribers({ join, send }: ClientDriver): void {
  async function sendBurst(chats: readonly BenchChat[], burst: number): Promise<number> {
    const messages = chats.flatMap((chat) => Array<BenchChat>(burst).fill(chat));
    const expected = messages.reduce((sum, { memberIds }) => sum + memberIds.length, 0);
    pendingDeliveries = expected;
    const complete = new Promise<void>((resolve) => {
      onComplete = resolve;
    });
    await Promise.all([complete, ...messages.map(({ id }) => send(id))]);
    return expected;
  }

  const methods: SubscriberWorker = {
    join,
    async send(chats, burst, seconds): Promise<RoundReceipts> {
      receipts = new Map();
      const startedAt = clockMs();
      let deliveries = 0;
      while (clockMs() < startedAt + seconds * 1_000) {
        deliveries += await sendBurst(chats, burst);
      }
      return { deliveries, elapsedMs: clockMs() - startedAt, receipts };
    },
  };
  serveWorker(methods);
}

/** Runs `work` for each item, `concurrency` at a time. */
export async function forEachConcurrent<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) await work(item, index);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
