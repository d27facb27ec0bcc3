import { setTimeout as sleep } from "node:timers/promises";
import type { Entry } from "@plaza/contract/chat/v1/stream";
import { createSeededRandom } from "../base/seeded-random.ts";
import { type ChatUser, retryUntilAnswered } from "./client.ts";
import {
  type ChatAnomalies,
  type ChatHistory,
  checkHistory,
  createHistory,
  visibleSeqs,
} from "./history.ts";
import { readLogs, runReader } from "./reader.ts";
import { runWriter } from "./writer.ts";

/** Who meets: the owner of all chats, friends of his who write, and friends who read. */
export type ChatUsers = {
  readonly owner: ChatUser;
  readonly writers: readonly ChatUser[];
  readonly readers: readonly [ChatUser, ...ChatUser[]];
};

/** How much is said, and where. */
export type ChatScale = {
  readonly chats: number;
  readonly messages: number;
  /** How many messages each writer has on their way at once. */
  readonly inFlightPerWriter: number;
  /** How long readers may take to be told the ends of the logs, once nobody writes any more. */
  readonly catchUpMs: number;
};

/** What came of it. */
export type ChatWorkloadResult = {
  readonly anomalies: ChatAnomalies;
  readonly history: ChatHistory;
  readonly entries: number;
};

/** Lets people write, read, come and go while `work` goes on and until enough is said, and judges. */
export async function runWorkload(
  { owner, writers, readers }: ChatUsers,
  { chats, messages, inFlightPerWriter, catchUpMs }: ChatScale,
  seed: number,
  nemesis: (history: ChatHistory, isOver: () => boolean) => Promise<unknown>,
): Promise<ChatWorkloadResult> {
  const history = createHistory();
  const random = createSeededRandom(seed);
  const memberIds = [...writers, ...readers].map(({ id }) => id);
  const chatIds = (await Promise.all(
    Array.from({ length: chats }, async (_, n) => {
      const request = { title: `Chat ${n}`, memberIds, idempotencyKey: `${seed} ${n}` };
      return (await retryUntilAnswered(owner, history, random, (one) => one.createChat(request)))
        .id;
    }),
  )) as [string, ...string[]];
  const isOver = () => history.acknowledged.length >= messages;
  const over = new AbortController();
  const reading = readers.map((one, n) =>
    runReader(one, history, createSeededRandom(seed + n), over.signal),
  );
  const writing = writers.flatMap((one, n) =>
    Array.from({ length: inFlightPerWriter }, (_, hand) =>
      runWriter(
        one,
        { chatIds, isOver },
        history,
        createSeededRandom(seed + 1_000 + n * inFlightPerWriter + hand),
      ),
    ),
  );
  const moving = churnMembers(owner, readers, chatIds, history, seed, isOver);
  await Promise.all([...writing, moving, nemesis(history, isOver)]);
  const logs = await readLogs(owner);
  await waitForCatchUp(history, logs, catchUpMs);
  over.abort();
  await Promise.all(reading);
  const entries = [...logs.values()].reduce((sum, log) => sum + log.length, 0);
  return { anomalies: checkHistory(history, logs), history, entries };
}

/** Removes readers from chats and adds them again; in the end all are in again. */
async function churnMembers(
  owner: ChatUser,
  readers: ChatUsers["readers"],
  chatIds: readonly [string, ...string[]],
  history: ChatHistory,
  seed: number,
  isOver: () => boolean,
): Promise<void> {
  const random = createSeededRandom(seed + 9_000);
  while (!isOver()) {
    const [chatId, { id: userId }] = [random.pick(chatIds), random.pick(readers)];
    await retryUntilAnswered(owner, history, random, (one) => one.removeMember({ chatId, userId }));
    history.removals += 1;
    await sleep(random.nextInt(100));
    await retryUntilAnswered(owner, history, random, (one) =>
      one.addMembers({ chatId, userIds: [userId] }),
    );
  }
}

/** Waits until every reader has been told the end of every log, for a while. */
async function waitForCatchUp(
  { readerLogs }: ChatHistory,
  logs: ReadonlyMap<string, readonly Entry[]>,
  catchUpMs: number,
): Promise<void> {
  const ends = readerLogs.flatMap(({ userId, seqs }) =>
    Array.from(logs, ([chatId, log]) => ({
      seqs: () => seqs.get(chatId),
      last: visibleSeqs(userId, log).at(-1),
    })),
  );
  const isBehind = ({ seqs, last }: (typeof ends)[number]) => last && !seqs()?.includes(last, -5);
  for (const until = Date.now() + catchUpMs; ends.some(isBehind) && Date.now() < until; ) {
    await sleep(100);
  }
}
