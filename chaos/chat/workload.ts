import { createSeededRandom } from "../base/seeded-random.ts";
import { type ChatAnomalies, checkHistory } from "./checker.ts";
import { retryUntilAnswered } from "./client.ts";
import { type ChatHistory, createHistory } from "./history.ts";
import { churnMembers } from "./membership-churn.ts";
import { readLogs, waitForCatchUp } from "./read-back.ts";
import { runReader } from "./reader.ts";
import type { ChatUsers } from "./users.ts";
import { runWriter } from "./writer.ts";

export type ChatScale = {
  readonly chats: number;
  readonly messages: number;
  readonly inFlightPerWriter: number;
  /** Time readers may take to catch up after the last write. */
  readonly catchUpMs: number;
};

export type ChatWorkloadOptions = {
  readonly users: ChatUsers;
  readonly scale: ChatScale;
  readonly seed: number;
  /** Whether the anomalies so far decide the run, so that readers need not catch up. */
  readonly isDecided?: (anomalies: ChatAnomalies) => boolean;
};

/** Result of the run. */
export type ChatWorkloadResult = {
  readonly anomalies: ChatAnomalies;
  readonly history: ChatHistory;
  readonly entries: number;
};

type Nemesis = (history: ChatHistory, isOver: () => boolean) => Promise<unknown>;

/** Runs writers and readers while the nemesis runs, until all messages are acknowledged, then checks. */
export async function runWorkload(
  { users: { owner, writers, readers }, scale, seed, isDecided = () => false }: ChatWorkloadOptions,
  nemesis: Nemesis,
): Promise<ChatWorkloadResult> {
  const { chats, messages, inFlightPerWriter, catchUpMs } = scale;
  const history = createHistory();
  const random = createSeededRandom(seed);
  const memberIds = [...writers, ...readers].map(({ id }) => id);
  const chatIds = (await Promise.all(
    Array.from({ length: chats }, async (_, n) => {
      const request = { title: `Chat ${n}`, memberIds, idempotencyKey: `${seed} ${n}` };
      const chat = await retryUntilAnswered(owner, history, random, (one) =>
        one.createChat(request),
      );
      return chat.id;
    }),
  )) as [string, ...string[]];
  const task = { chatIds, isOver: () => history.acknowledged.length >= messages };
  const stopped = new AbortController();
  const reading = Promise.all(
    readers.map((reader, n) =>
      runReader(reader, history, createSeededRandom(seed + n), stopped.signal),
    ),
  );
  const writing = writers.flatMap((writer, n) =>
    Array.from({ length: inFlightPerWriter }, (_, index) => {
      const writerSeed = seed + 1_000 + n * inFlightPerWriter + index;
      return runWriter(writer, task, history, createSeededRandom(writerSeed));
    }),
  );
  const churning = churnMembers(owner, readers, task, history, createSeededRandom(seed + 9_000));
  const checking = Promise.all([...writing, churning, nemesis(history, task.isOver)])
    .then(() => readLogs(owner))
    .then(async (logs) => {
      await waitForCatchUp(history, logs, {
        catchUpMs,
        isDecided: () => isDecided(checkHistory(history, logs)),
        signal: owner.signal,
      });
      stopped.abort();
      return logs;
    });
  const [logs] = await Promise.all([checking, reading]);
  const entries = [...logs.values()].reduce((sum, log) => sum + log.length, 0);
  return { anomalies: checkHistory(history, logs), history, entries };
}
