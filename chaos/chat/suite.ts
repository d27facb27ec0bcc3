import { setTimeout as sleep } from "node:timers/promises";
import { withFaultyCluster } from "../base/faulty-cluster.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import { validateChecker } from "../base/validate-checker.ts";
import { chatKillTargets, startChatCluster } from "./cluster.ts";
import { type ChatFault, seededFaults } from "./seeded-faults.ts";
import { setUpUsers, type UserCounts } from "./users.ts";
import { type ChatScale, type ChatWorkloadResult, runWorkload } from "./workload.ts";

/** How to run: how many processes for the chats, from which seed, with whom and how much. */
export type ChatSuiteOptions = {
  readonly seed: number;
  readonly processes: number;
  readonly users: UserCounts;
  readonly scale: ChatScale;
  /** The longest pause between two kills. */
  readonly maxKillPauseMs: number;
  readonly log?: (line: string) => void;
};

/** What came of it. */
export type ChatSuiteResult = ChatWorkloadResult & {
  readonly kills: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** The planted faults that the checker saw. */
  readonly detectedFaults: readonly string[];
};

const validationUsers = { writers: 3, readers: 4 };
const validationScale = { chats: 4, messages: 600, inFlightPerWriter: 4, catchUpMs: 3_000 };

/**
 * Proves the checker on broken chats, then lets people write and read while they come and go, chat processes
 * are killed and PostgreSQL restarts, and compares what they were told.
 */
export async function runChatSuite(options: ChatSuiteOptions): Promise<ChatSuiteResult> {
  const { seed, processes, users, scale, maxKillPauseMs, log = () => {} } = options;
  const onBroken = (fault: ChatFault, attempt: number) =>
    withFaultyCluster(fault, async ({ url }) => {
      const { people, part } = await setUpUsers(await url(), validationUsers);
      const meeting = runWorkload(people, validationScale, seed + attempt, async () => {});
      const { anomalies } = await meeting.finally(part);
      return {
        anomalies: Object.fromEntries(
          fault.expectedAnomalies.map((kind) => [kind, anomalies[kind]]),
        ),
      };
    });
  const detectedFaults = await validateChecker(seededFaults, onBroken, log);

  const random = createSeededRandom(seed);
  const kills: Record<string, number> = {};
  const town = await startChatCluster(processes);
  try {
    const { people, part } = await setUpUsers(town.url, users);
    const startedAt = performance.now();
    const meeting = await runWorkload(people, scale, seed, async ({ acknowledged }, isOver) => {
      while (!isOver()) {
        await sleep(random.nextInt(maxKillPauseMs));
        const victim = random.pick([...chatKillTargets, chatKillTargets[0]]);
        const ms = await town.kill(victim, random.nextInt(processes));
        kills[victim] = (kills[victim] ?? 0) + 1;
        log(`killed ${victim}, back after ${Math.round(ms)} ms, ${acknowledged.length} messages`);
      }
    }).finally(part);
    meeting.history.unexpectedErrors.push(...town.internalErrors());
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    return { ...meeting, kills, seconds, detectedFaults };
  } finally {
    await town.stop();
  }
}
