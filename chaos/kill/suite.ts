import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newNickname } from "../../test/base/accounts.ts";
import { newDataDir, removeDataDir } from "../../test/base/data-dir.ts";
import { killTargets, startCluster, type TestCluster } from "../base/cluster.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import { validateChecker } from "../base/validate-checker.ts";
import { registerUntilAnswered, runWriter, type SystemUnderTest, sendRequest } from "./client.ts";
import {
  checkHistory,
  createHistory,
  type KillAnomalies,
  type KillHistory,
  type RegisteredAccount,
} from "./history.ts";
import { readBack } from "./read-back.ts";
import { type ResponseFault, seededFaults } from "./seeded-faults.ts";

/** How to run: how many kills, from which seed, and in which placement. */
export type KillSuiteOptions = {
  readonly n: number;
  readonly seed: number;
  readonly split: boolean;
  readonly log?: (line: string) => void;
};

/** What came of it. */
export type KillSuiteResult = {
  readonly anomalies: KillAnomalies;
  readonly history: KillHistory;
  /** How often each victim was killed. */
  readonly kills: Readonly<Record<string, number>>;
  /** From each kill until Plaza was ready again, in milliseconds. */
  readonly recoveriesMs: readonly number[];
  /** The planted faults that the checker saw. */
  readonly detectedFaults: readonly string[];
};

const writerCount = 8;
/** How often a planted fault shows before the checker must have seen it. */
const minOccurrences = 3;

/**
 * Proves the checker on broken servers, then writes from eight clients while Plaza, its PostgreSQL or
 * both are killed `n` times, and judges what is left.
 */
export async function runKillSuite({
  n,
  seed,
  split,
  log = () => {},
}: KillSuiteOptions): Promise<KillSuiteResult> {
  const dataDir = newDataDir();
  const random = createSeededRandom(seed);
  const mortal = await startCluster(dataDir, split, sendRequest);
  try {
    const onBroken = ({ send, occurrences }: ResponseFault, attempt: number) =>
      runWorkload({ ...mortal, send }, seed + attempt, async () => {
        while (occurrences() < minOccurrences * (attempt + 1)) await sleep(20);
      });
    const detectedFaults = await validateChecker(seededFaults, onBroken, log);
    const kills: Record<string, number> = {};
    const recoveriesMs: number[] = [];
    const { anomalies, history } = await runWorkload(mortal, seed, async () => {
      for (let count = 1; count <= n; count += 1) {
        await sleep(random.nextInt(700));
        const victim = random.pick(killTargets);
        const ms = await mortal.kill(victim);
        kills[victim] = (kills[victim] ?? 0) + 1;
        recoveriesMs.push(ms);
        log(`${count}/${n}: killed ${victim}, back after ${Math.round(ms)} ms`);
      }
    });
    history.unexpectedErrors.push(...internalErrorsIn(path.join(dataDir, "plaza.log")));
    return { anomalies, history, kills, recoveriesMs, detectedFaults };
  } finally {
    await mortal.stop();
    await removeDataDir(dataDir);
  }
}

/** Calls that ended in a bug, by the log, though their callers may have been told nothing. */
function internalErrorsIn(log: string): string[] {
  const lines = readFileSync(log, "utf8").split("\n");
  return lines.filter((line) => line.includes('"level":50') && line.includes('"msg":"call"'));
}

/** Lets writers write while `work` goes on, and judges the outcome. */
async function runWorkload(
  target: SystemUnderTest,
  seed: number,
  nemesis: () => Promise<unknown>,
): Promise<{ anomalies: KillAnomalies; history: KillHistory }> {
  const history = createHistory();
  const authors = await Promise.all(
    Array.from({ length: writerCount }, () => registerAuthor(target)),
  );
  let isOver = false;
  const writing = authors.map((author, index) =>
    runWriter(target, author, history, createSeededRandom(seed + index), () => isOver),
  );
  await nemesis();
  isOver = true;
  await Promise.all(writing);
  const found = await readBack(await target.url(), authors, history.registrations);
  return { anomalies: checkHistory(history, found), history };
}

/** Registered past planted faults: they are not what is broken. */
async function registerAuthor(target: TestCluster | SystemUnderTest): Promise<RegisteredAccount> {
  const nickname = newNickname();
  const account = { email: `${nickname}@example.org`, password: randomUUID(), nickname };
  const author = await registerUntilAnswered(
    { ...target, send: sendRequest },
    account,
    createHistory(),
  );
  if (!author) throw new Error("an author could not register");
  return author;
}
