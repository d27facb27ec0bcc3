import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newNickname } from "../../test/base/accounts.ts";
import { newDataDir, removeData } from "../../test/base/data-dir.ts";
import { type Mortal, startMortal, victims } from "../base/cluster.ts";
import { seeded } from "../base/seeded-random.ts";
import { prove } from "../base/validate-checker.ts";
import { plainSend, register, type Target, write } from "./client.ts";
import { emptyHistory, type History, judge, type Registration, type Verdict } from "./history.ts";
import { find } from "./read-back.ts";
import { type Planted, planted } from "./seeded-faults.ts";

/** How to run: how many kills, from which seed, and in which placement. */
export type KillOptions = {
  readonly n: number;
  readonly seed: number;
  readonly split: boolean;
  readonly say?: (line: string) => void;
};

/** What came of it. */
export type KillResult = {
  readonly verdict: Verdict;
  readonly history: History;
  /** How often each victim was killed. */
  readonly kills: Readonly<Record<string, number>>;
  /** From each kill until Plaza was ready again, in milliseconds. */
  readonly recoveriesMs: readonly number[];
  /** The planted faults that the checker saw. */
  readonly caught: readonly string[];
};

const writers = 8;
/** How often a planted fault shows before the checker must have seen it. */
const timesPlanted = 3;

/**
 * Proves the checker on broken servers, then writes from eight clients while Plaza, its PostgreSQL or
 * both are killed `n` times, and judges what is left.
 */
export async function runKills({
  n,
  seed,
  split,
  say = () => {},
}: KillOptions): Promise<KillResult> {
  const dataDir = newDataDir();
  const random = seeded(seed);
  const mortal = await startMortal(dataDir, split, plainSend);
  try {
    const onBroken = ({ send, timesBroken }: Planted, attempt: number) =>
      judged({ ...mortal, send }, seed + attempt, async () => {
        while (timesBroken() < timesPlanted * (attempt + 1)) await sleep(20);
      });
    const caught = await prove(planted, onBroken, say);
    const kills: Record<string, number> = {};
    const recoveriesMs: number[] = [];
    const { verdict, history } = await judged(mortal, seed, async () => {
      for (let count = 1; count <= n; count += 1) {
        await sleep(random.below(700));
        const victim = random.pick(victims);
        const ms = await mortal.kill(victim);
        kills[victim] = (kills[victim] ?? 0) + 1;
        recoveriesMs.push(ms);
        say(`${count}/${n}: killed ${victim}, back after ${Math.round(ms)} ms`);
      }
    });
    history.surprises.push(...bugsIn(path.join(dataDir, "plaza.log")));
    return { verdict, history, kills, recoveriesMs, caught };
  } finally {
    await mortal.stop();
    await removeData(dataDir);
  }
}

/** Calls that ended in a bug, by the log, though their callers may have been told nothing. */
function bugsIn(log: string): string[] {
  const lines = readFileSync(log, "utf8").split("\n");
  return lines.filter((line) => line.includes('"level":50') && line.includes('"msg":"call"'));
}

/** Lets writers write while `work` goes on, and judges the outcome. */
async function judged(
  target: Target,
  seed: number,
  work: () => Promise<unknown>,
): Promise<{ verdict: Verdict; history: History }> {
  const history = emptyHistory();
  const authors = await Promise.all(Array.from({ length: writers }, () => newAuthor(target)));
  let isOver = false;
  const writing = authors.map((author, index) =>
    write(target, author, history, seeded(seed + index), () => isOver),
  );
  await work();
  isOver = true;
  await Promise.all(writing);
  const found = await find(await target.url(), authors, history.registrations);
  return { verdict: judge(history, found), history };
}

/** Registered past planted faults: they are not what is broken. */
async function newAuthor(target: Mortal | Target): Promise<Registration> {
  const nickname = newNickname();
  const account = { email: `${nickname}@example.org`, password: randomUUID(), nickname };
  const author = await register({ ...target, send: plainSend }, account, emptyHistory());
  if (!author) throw new Error("an author could not register");
  return author;
}
