import { withCleanup } from "../base/cleanup.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import { type Anomalies, validateChecker } from "../base/validate-checker.ts";
import { type CallPlan, planCalls, planIdleCalls, planMessages } from "./call-plan.ts";
import { checkOutcomes } from "./checker.ts";
import {
  anomaliesOfPlaza,
  byKind,
  controlsOf,
  describeAnomaly,
  isOfPlaza,
  nameOf,
  type PeerRun,
  pairsOf,
} from "./controls.ts";
import type { EchoSettings } from "./echo-stack.ts";
import { makeCalls, startServer } from "./peer-process.ts";
import { foreignPeers, npmPeers, type Peer } from "./peers.ts";
import { seededFaults } from "./seeded-faults.ts";

/** Options of the suite. */
export type InteropSuiteOptions = {
  /** Small messages through long streams, of each pair of peers. */
  readonly messages: number;
  /** Random calls of each pair, with default settings; a quarter of them with each of the others. */
  readonly calls: number;
  readonly concurrency: number;
  /** For how long streams are silent with default settings; 0 is not at all. */
  readonly idleMs: number;
  readonly seed: number;
  readonly faultCount: number;
  /** How many of the settings to run, from the first, and of the peers from other toolchains. */
  readonly settingsCount: number;
  readonly foreignCount: number;
  /** Leaves out the calls between two of the others. */
  readonly noControls: boolean;
  readonly smoke: boolean;
  readonly log: (line: string) => void;
};

/** The result of all pairs. */
export type InteropSuiteResult = {
  /** Calls with @plaza/grpc that ended otherwise than they must and otherwise than between two of the others. */
  readonly anomalies: Anomalies;
  /** Calls with @plaza/grpc. */
  readonly calls: number;
  readonly peers: readonly string[];
  /** The anomalies of each pair, those of the controls too, and how many of its calls they are. */
  readonly runs: Readonly<Record<string, string>>;
  readonly detectedFaults: readonly string[];
};

/** Everyone begins with what the implementations have by default. */
export const settings = {
  default: { server: {}, client: {} },
  keepalive: { server: { keepaliveMs: 1_000 }, client: { keepaliveMs: 1_000 } },
  "connection age": { server: { maxAgeMs: 1_000 }, client: {} },
  "few streams": { server: { maxStreams: 5 }, client: {} },
} satisfies Record<string, { server: EchoSettings; client: EchoSettings }>;

type SettingsName = keyof typeof settings;

/** A call may be silent for as long as its deadline, which no call of a correct peer reaches. */
const maxSilenceMs = 90_000;

const maxPrinted = 3;

/**
 * Makes the same calls between @plaza/grpc and each other implementation, in both directions, and between the others
 * as a control; checks how each call went.
 */
export async function runInteropSuite(options: InteropSuiteOptions): Promise<InteropSuiteResult> {
  const { log } = options;
  const others = [...npmPeers, ...foreignPeers(options.foreignCount, !options.smoke, log)];
  const pairs = [...pairsOf(others), ...(options.noControls ? [] : controlsOf(others))];
  const names = (Object.keys(settings) as SettingsName[]).slice(0, options.settingsCount);
  const runs: PeerRun[] = [];
  const keep = (run: PeerRun) => {
    log(`${nameOf(run)}: ${run.calls} calls, ${run.anomalies.length} anomalies`);
    for (const anomaly of run.anomalies.slice(0, maxPrinted)) log(`  ${describeAnomaly(anomaly)}`);
    runs.push(run);
  };
  for (const name of names) {
    const plans = planOf(name, options);
    for (const pair of pairs) {
      keep(await withCleanup((cleanup) => runPair(cleanup, pair, name, plans, options)));
    }
  }
  // These wait only, so all pairs can at once.
  if (options.idleMs > 0) {
    const plans = planIdleCalls(options.idleMs);
    const idle = await withCleanup((cleanup) =>
      Promise.all(pairs.map((pair) => runPair(cleanup, pair, "idle", plans, options))),
    );
    idle.forEach(keep);
  }
  const plans = planOf("default", { ...options, messages: 0 });
  return {
    anomalies: anomaliesOfPlaza(runs),
    calls: runs.filter(isOfPlaza).reduce((sum, { calls }) => sum + calls, 0),
    peers: others.map(({ name }) => name),
    runs: Object.fromEntries(
      runs.map((run) => [nameOf(run), `${run.anomalies.length} of ${run.calls}`]),
    ),
    detectedFaults: await validateChecker(
      seededFaults,
      async (fault) => byKind(checkOutcomes(plans, fault(plans)).map((one) => ["", one])),
      { log, faultCount: options.faultCount, concurrency: 1 },
    ),
  };
}

function planOf(name: SettingsName, { messages, calls, seed }: InteropSuiteOptions) {
  const isDefault = name === "default";
  const long = planMessages(isDefault ? messages : Math.ceil(messages / 10), 0);
  const count = isDefault ? calls : Math.ceil(calls / 4);
  return [...long, ...planCalls(createSeededRandom(seed), count, long.length)];
}

async function runPair(
  cleanup: AsyncDisposableStack,
  [client, server]: readonly [Peer, Peer],
  name: SettingsName | "idle",
  plans: readonly CallPlan[],
  { concurrency, idleMs }: InteropSuiteOptions,
): Promise<PeerRun> {
  const given = settings[name === "idle" ? "default" : name];
  const port = await startServer(cleanup, server, given.server);
  const outcomes = await makeCalls(
    cleanup,
    client,
    port,
    { ...given.client, concurrency },
    plans,
    maxSilenceMs + (name === "idle" ? idleMs : 0),
  );
  const anomalies = checkOutcomes(plans, outcomes);
  return { client, server, settings: name, calls: plans.length, anomalies };
}
