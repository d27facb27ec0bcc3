// `npm run chaos kill -- --n 200 --seed 1 [--split]`: no acknowledged write is lost or duplicated when Plaza or
// its PostgreSQL is killed.
import { parseArgs } from "node:util";
import { countAnomalies } from "./base/validate-checker.ts";
import { seededFaults } from "./kill/seeded-faults.ts";
import { runKillSuite } from "./kill/suite.ts";

const { values } = parseArgs({
  options: {
    n: { type: "string", default: "200" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    split: { type: "boolean", default: false },
  },
});
const options = { n: Number(values.n), seed: Number(values.seed), split: values.split };
process.stdout.write(`kill ${JSON.stringify(options)}\n`);

const { anomalies, history, kills, recoveriesMs, detectedFaults } = await runKillSuite({
  ...options,
  log: (line) => process.stdout.write(`${line}\n`),
});
for (const [kind, found] of Object.entries(anomalies)) {
  for (const one of found.slice(0, 10)) process.stdout.write(`${kind}: ${one}\n`);
}
const sorted = recoveriesMs.toSorted((a, b) => a - b);
const recoveryPercentile = (share: number): number =>
  Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
const faultCount = Object.keys(seededFaults).length;
const pass = countAnomalies(anomalies) === 0 && detectedFaults.length === faultCount;
const figures = {
  ...options,
  kills,
  acknowledged:
    history.writes.filter(({ isAcknowledged }) => isAcknowledged).length +
    history.registrations.length,
  unknownSettled: history.indeterminate,
  ...Object.fromEntries(Object.entries(anomalies).map(([kind, found]) => [kind, found.length])),
  recoveryMs: { median: recoveryPercentile(0.5), worst: Math.round(sorted.at(-1) ?? 0) },
};
process.stdout.write(
  `${JSON.stringify({ chaos: "kill", pass, figures, planted: { caught: detectedFaults.length, of: faultCount } })}\n`,
);
process.exitCode = pass ? 0 : 1;
