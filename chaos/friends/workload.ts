import { newcomer, type Settle, settling } from "../base/retrying-client.ts";
import { seeded } from "../base/seeded-random.ts";
import type { Target } from "../kill/client.ts";
import { mingle } from "./client.ts";
import { emptyHistory, type Findings, type History, judge, type Verdict } from "./history.ts";
import { find } from "./read-back.ts";

/** How many people there are, and how many things each does at once. */
export type Scale = {
  readonly people: number;
  readonly tabs: number;
  /** How long searches have to follow the last block. */
  readonly followMs: number;
};

/** What came of it. */
export type Meeting = {
  readonly verdict: Verdict;
  readonly history: History;
  readonly found: Findings;
};

/** Lets a crowd loose while `work` goes on, and judges the outcome. */
export async function meet(
  target: Target,
  { people, tabs, followMs }: Scale,
  seed: number,
  work: (history: History) => Promise<unknown>,
): Promise<Meeting> {
  const history = emptyHistory();
  const crowd = new Map<string, Settle>();
  // One after the other: auth refuses more passwords at once than it can hash.
  while (crowd.size < people) {
    const account = await newcomer(target);
    crowd.set(account.id, settling(target, account, history));
  }
  let isOver = false;
  const going = [...crowd].flatMap(([id, settle], n) => {
    const others = [...crowd.keys()].filter((one) => one !== id) as [string, ...string[]];
    return Array.from({ length: tabs }, (_, tab) =>
      mingle(settle, { id, others }, history, seeded(seed + n * tabs + tab), () => isOver),
    );
  });
  await work(history);
  isOver = true;
  await Promise.all(going);
  const found = await find(crowd, followMs);
  return { verdict: judge(history, found), history, found };
}
