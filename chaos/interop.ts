// `npm run chaos interop -- --messages 100000 --calls 10000 --seed 1 [--smoke]`: calls of all kinds between @plaza/grpc and
// other implementations of gRPC, in both directions, end as they do between two of the others.
import { newSeed, parseSuiteOptions } from "./base/options.ts";
import { printLine, printSuiteResult } from "./base/result.ts";
import { foreignSuites } from "./interop/peers.ts";
import { seededFaults } from "./interop/seeded-faults.ts";
import { runInteropSuite, settings } from "./interop/suite.ts";

const options = parseSuiteOptions(
  "interop",
  {
    messages: 100_000,
    calls: 10_000,
    concurrency: 32,
    idleMs: 150_000,
    seed: newSeed(),
    faultCount: Object.keys(seededFaults).length,
    settingsCount: Object.keys(settings).length,
    foreignCount: foreignSuites.length,
    noControls: false as boolean,
  },
  {
    messages: 20_000,
    calls: 200,
    idleMs: 0,
    faultCount: 2,
    settingsCount: 1,
    foreignCount: 1,
    noControls: true,
  },
);
const { anomalies, detectedFaults, ...figures } = await runInteropSuite({
  ...options,
  log: printLine,
});
printSuiteResult("interop", {
  anomalies,
  figures: { ...options, ...figures },
  planted: { caught: detectedFaults.length, of: options.faultCount },
});
