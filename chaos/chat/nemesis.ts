import { setTimeout as sleep } from "node:timers/promises";
import { killAndRecord, type NemesisOptions } from "../base/nemesis.ts";
import type { SeededRandom } from "../base/seeded-random.ts";
import type { ChatHistory } from "./history.ts";

/** Chat processes are killed twice as often as PostgreSQL. */
const killTargets = ["chat", "postgres", "chat"] as const;

/** The largest chat process number; the cluster takes it modulo the number of its processes. */
const chatProcessNumbers = 1_000;

/** How long to wait between two kills at most, and how often to kill at most. */
export type ChatAttack = { readonly maxPauseMs: number; readonly maxKills: number };

/** How long clients may take to reconnect after a kill; on a busy machine pauses alone would leave them no time. */
const maxReconnectMs = 10_000;

/** Kills a chat process or PostgreSQL after random pauses, each once clients write again, until `isOver`. */
export async function killUntilOver(
  options: NemesisOptions,
  { acknowledged }: ChatHistory,
  { maxPauseMs, maxKills }: ChatAttack,
  isOver: () => boolean,
  random: SeededRandom,
): Promise<void> {
  for (let count = 0; count < maxKills && !isOver(); count += 1) {
    await sleep(random.nextInt(maxPauseMs), undefined, { signal: options.cluster.signal });
    const kill = { target: random.pick(killTargets), index: random.nextInt(chatProcessNumbers) };
    await killAndRecord(options, kill, () => `${acknowledged.length} messages`);
    const count = acknowledged.length;
    const deadline = Date.now() + maxReconnectMs;
    while (acknowledged.length === count && !isOver() && Date.now() < deadline)
      await sleep(20, undefined, { signal: options.cluster.signal });
  }
}
