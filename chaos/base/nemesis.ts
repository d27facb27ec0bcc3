import type { KillTarget, TestCluster } from "./cluster.ts";

/** How often each target was killed. */
export type KillCounts = Record<string, number>;

/** What a nemesis attacks, and what it records. */
export type NemesisOptions = {
  readonly cluster: TestCluster;
  readonly kills: KillCounts;
  readonly log: (line: string) => void;
};

/** Kills a target and waits for the recovery, whose duration in ms it records and returns. */
export async function killAndRecord(
  { cluster, kills, log }: NemesisOptions,
  { target, index = 0 }: { readonly target: KillTarget; readonly index?: number },
  progress: () => string,
): Promise<number> {
  cluster.signal.throwIfAborted();
  const ms = await cluster.kill(target, index);
  kills[target] = (kills[target] ?? 0) + 1;
  log(`killed ${target}, back after ${Math.round(ms)} ms, ${progress()}`);
  return ms;
}
