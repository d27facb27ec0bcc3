// `npm run chaos kill -- --n 200 --seed 1 [--split] [--smoke]`: no acknowledged write is lost or duplicated when Plaza
// or its PostgreSQL is killed.
import { newSeed, parseSuiteOptions } from "./base/options.ts";
import { printLine, printSuiteResult } from "./base/result.ts";
import { seededFaults } from "./kill/seeded-faults.ts";
import { runKillSuite } from "./kill/suite.ts";

const options = parseSuiteOptions(
  "kill",
  { n: 200, seed: newSeed(), split: false, faultCount: Object.keys(seededFaults).length },
  { n: 1, faultCount: 2 },
);
const { anomalies, history, kills, recoveriesMs, detectedFaults } = await runKillSuite({
  ...options,
  log: printLine,
});
const sorted = recoveriesMs.toSorted((a, b) => a - b);
const recoveryPercentile = (share: number): number =>
  Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
printSuiteResult("kill", {
  anomalies,
  figures: {
    ...options,
    kills,
    acknowledged:
      history.writes.filter(({ isAcknowledged }) => isAcknowledged).length +
      history.registrations.length,
    indeterminate: history.indeterminate,
    recoveryMs: { median: recoveryPercentile(0.5), worst: Math.round(sorted.at(-1) ?? 0) },
  },
  planted: { caught: detectedFaults.length, of: options.faultCount },
});
