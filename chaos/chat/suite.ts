import { setTimeout as sleep } from "node:timers/promises";
import { withStall } from "../base/faulty-cluster.ts";
import { seeded } from "../base/seeded-random.ts";
import { prove } from "../base/validate-checker.ts";
import { startTown, victims } from "./cluster.ts";
import { type Planted, planted } from "./seeded-faults.ts";
import { type Crowd, gather } from "./users.ts";
import { type Meeting, meet, type Scale } from "./workload.ts";

/** How to run: how many processes for the chats, from which seed, with whom and how much. */
export type ChatOptions = {
  readonly seed: number;
  readonly processes: number;
  readonly crowd: Crowd;
  readonly scale: Scale;
  /** The longest pause between two kills. */
  readonly pauseMs: number;
  readonly say?: (line: string) => void;
};

/** What came of it. */
export type ChatResult = Meeting & {
  readonly kills: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** The planted faults that the checker saw. */
  readonly caught: readonly string[];
};

const few = { writers: 3, readers: 4 };
const little = { chats: 4, messages: 600, hands: 4, catchUpMs: 3_000 };

/**
 * Proves the checker on broken chats, then lets people write and read while they come and go, chat processes
 * are killed and PostgreSQL restarts, and compares what they were told.
 */
export async function runChat(options: ChatOptions): Promise<ChatResult> {
  const { seed, processes, crowd, scale, pauseMs, say = () => {} } = options;
  const onBroken = (fault: Planted, attempt: number) =>
    withStall(fault, async ({ url }) => {
      const { people, part } = await gather(await url(), few);
      const meeting = meet(people, little, seed + attempt, async () => {});
      const { verdict } = await meeting.finally(part);
      return { verdict: Object.fromEntries(fault.shows.map((kind) => [kind, verdict[kind]])) };
    });
  const caught = await prove(planted, onBroken, say);

  const random = seeded(seed);
  const kills: Record<string, number> = {};
  const town = await startTown(processes);
  try {
    const { people, part } = await gather(town.url, crowd);
    const startedAt = performance.now();
    const meeting = await meet(people, scale, seed, async ({ said }, isOver) => {
      while (!isOver()) {
        await sleep(random.below(pauseMs));
        const victim = random.pick([...victims, victims[0]]);
        const ms = await town.kill(victim, random.below(processes));
        kills[victim] = (kills[victim] ?? 0) + 1;
        say(`killed ${victim}, back after ${Math.round(ms)} ms, ${said.length} messages`);
      }
    }).finally(part);
    meeting.history.surprises.push(...town.bugs());
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    return { ...meeting, kills, seconds, caught };
  } finally {
    await town.stop();
  }
}
