import { withCleanup } from "../base/cleanup.ts";
import { startCluster } from "../base/cluster.ts";
import { FaultyClusters } from "../base/faulty-cluster.ts";
import type { KillCounts } from "../base/nemesis.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import { type Anomalies, validateChecker } from "../base/validate-checker.ts";
import type { ChatAnomalies } from "./checker.ts";
import { killUntilOver } from "./nemesis.ts";
import { type ChatFault, seededFaults } from "./seeded-faults.ts";
import { setUpUsers, type UserCounts } from "./users.ts";
import { type ChatScale, type ChatWorkloadResult, runWorkload } from "./workload.ts";

/** Options of the suite. */
export type ChatSuiteOptions = {
  readonly seed: number;
  /** The number of chat processes. */
  readonly processes: number;
  readonly users: UserCounts;
  readonly scale: ChatScale;
  /** The longest pause between two kills. */
  readonly maxKillPauseMs: number;
  /** Unless given, chat processes and PostgreSQL are killed until all messages are acknowledged. */
  readonly maxKills?: number | undefined;
  /** How many seeded faults to run; all by default. */
  readonly faultCount?: number;
  readonly log?: (line: string) => void;
};

/** Result of the run. */
export type ChatSuiteResult = ChatWorkloadResult & {
  readonly kills: Readonly<KillCounts>;
  readonly seconds: number;
  readonly detectedFaults: readonly string[];
};

const validationUsers = { writers: 3, readers: 4 };
const validationScale = { chats: 4, messages: 600, inFlightPerWriter: 4, catchUpMs: 3_000 };

/** Validates the checker, then runs writers and readers while chat processes and PostgreSQL are killed. */
export function runChatSuite(options: ChatSuiteOptions): Promise<ChatSuiteResult> {
  const { seed, processes, scale, maxKillPauseMs, faultCount, log = () => {} } = options;
  return withCleanup(async (cleanup) => {
    const faultyClusters = new FaultyClusters(cleanup);
    // The real cluster starts beside the faulty ones, which mostly wait.
    const [cluster, detectedFaults] = await Promise.all([
      startCluster(cleanup, { topology: { chatProcesses: processes } }),
      validateChecker(
        seededFaults,
        (fault, attempt) => runWithFault(faultyClusters, fault, seed + attempt),
        { log, faultCount, concurrency: 2 },
      ),
    ]);
    const users = await setUpUsers(cleanup, cluster, options.users);
    const kills: KillCounts = {};
    const random = createSeededRandom(seed);
    const startedAt = performance.now();
    const result = await runWorkload({ users, scale, seed }, (history, isOver) =>
      killUntilOver(
        { cluster, kills, log },
        history,
        { maxPauseMs: maxKillPauseMs, maxKills: options.maxKills ?? Number.POSITIVE_INFINITY },
        isOver,
        random,
      ),
    );
    result.history.unexpectedErrors.push(...cluster.internalErrors());
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    return { ...result, kills, seconds, detectedFaults };
  });
}

/** Returns the anomalies that are expected of the fault; others may come with them. */
function runWithFault(
  clusters: FaultyClusters,
  fault: ChatFault,
  seed: number,
): Promise<Anomalies> {
  const expected = (anomalies: ChatAnomalies): Anomalies =>
    Object.fromEntries(fault.expectedAnomalies.map((kind) => [kind, anomalies[kind]]));
  const isDecided = (anomalies: ChatAnomalies) =>
    Object.values(expected(anomalies)).some((found) => found.length > 0);
  return clusters.with(fault, async (target) => {
    await using cleanup = new AsyncDisposableStack();
    const users = await setUpUsers(cleanup, target, validationUsers);
    const options = { users, scale: validationScale, seed, isDecided };
    const { anomalies } = await runWorkload(options, async () => {});
    return expected(anomalies);
  });
}
