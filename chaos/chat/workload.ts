import { setTimeout as sleep } from "node:timers/promises";
import type { Entry } from "@plaza/contract/chat/v1/stream";
import { seeded } from "../base/seeded-random.ts";
import { type Person, settle } from "./client.ts";
import { emptyHistory, type History, judge, type Verdict, visibleTo } from "./history.ts";
import { read, readLogs } from "./reader.ts";
import { write } from "./writer.ts";

/** Who meets: the owner of all chats, friends of his who write, and friends who read. */
export type People = {
  readonly owner: Person;
  readonly writers: readonly Person[];
  readonly readers: readonly [Person, ...Person[]];
};

/** How much is said, and where. */
export type Scale = {
  readonly chats: number;
  readonly messages: number;
  /** How many messages each writer has on their way at once. */
  readonly hands: number;
  /** How long readers may take to be told the ends of the logs, once nobody writes any more. */
  readonly catchUpMs: number;
};

/** What came of it. */
export type Meeting = {
  readonly verdict: Verdict;
  readonly history: History;
  readonly entries: number;
};

/** Lets people write, read, come and go while `work` goes on and until enough is said, and judges. */
export async function meet(
  { owner, writers, readers }: People,
  { chats, messages, hands, catchUpMs }: Scale,
  seed: number,
  work: (history: History, isOver: () => boolean) => Promise<unknown>,
): Promise<Meeting> {
  const history = emptyHistory();
  const random = seeded(seed);
  const memberIds = [...writers, ...readers].map(({ id }) => id);
  const chatIds = (await Promise.all(
    Array.from({ length: chats }, async (_, n) => {
      const request = { title: `Chat ${n}`, memberIds, idempotencyKey: `${seed} ${n}` };
      return (await settle(owner, history, random, (one) => one.createChat(request))).id;
    }),
  )) as [string, ...string[]];
  const isOver = () => history.said.length >= messages;
  const over = new AbortController();
  const reading = readers.map((one, n) => read(one, history, seeded(seed + n), over.signal));
  const writing = writers.flatMap((one, n) =>
    Array.from({ length: hands }, (_, hand) =>
      write(one, { chatIds, isOver }, history, seeded(seed + 1_000 + n * hands + hand)),
    ),
  );
  const moving = move(owner, readers, chatIds, history, seed, isOver);
  await Promise.all([...writing, moving, work(history, isOver)]);
  const logs = await readLogs(owner);
  await caughtUp(history, logs, catchUpMs);
  over.abort();
  await Promise.all(reading);
  const entries = [...logs.values()].reduce((sum, log) => sum + log.length, 0);
  return { verdict: judge(history, logs), history, entries };
}

/** Removes readers from chats and adds them again; in the end all are in again. */
async function move(
  owner: Person,
  readers: People["readers"],
  chatIds: readonly [string, ...string[]],
  history: History,
  seed: number,
  isOver: () => boolean,
): Promise<void> {
  const random = seeded(seed + 9_000);
  while (!isOver()) {
    const [chatId, { id: userId }] = [random.pick(chatIds), random.pick(readers)];
    await settle(owner, history, random, (one) => one.removeMember({ chatId, userId }));
    history.removed += 1;
    await sleep(random.below(100));
    await settle(owner, history, random, (one) => one.addMembers({ chatId, userIds: [userId] }));
  }
}

/** Waits until every reader has been told the end of every log, for a while. */
async function caughtUp(
  { told }: History,
  logs: ReadonlyMap<string, readonly Entry[]>,
  catchUpMs: number,
): Promise<void> {
  const ends = told.flatMap(({ userId, seqs }) =>
    Array.from(logs, ([chatId, log]) => ({
      seqs: () => seqs.get(chatId),
      last: visibleTo(userId, log).at(-1),
    })),
  );
  const isBehind = ({ seqs, last }: (typeof ends)[number]) => last && !seqs()?.includes(last, -5);
  for (const until = Date.now() + catchUpMs; ends.some(isBehind) && Date.now() < until; ) {
    await sleep(100);
  }
}
