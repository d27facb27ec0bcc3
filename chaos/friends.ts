// `npm run chaos friends -- --n 10000 --kills 30 --seed 1 [--split]`: friendship is symmetric, every answer can be
// explained, and searches follow every block, after n steps at once while Plaza or its PostgreSQL is killed.
import { parseArgs } from "node:util";
import { countAnomalies } from "./base/validate-checker.ts";
import { seededFaults } from "./friends/seeded-faults.ts";
import { runFriendsSuite } from "./friends/suite.ts";

const { values } = parseArgs({
  options: {
    n: { type: "string", default: "10000" },
    kills: { type: "string", default: "30" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    split: { type: "boolean", default: false },
  },
});
const options = {
  n: Number(values.n),
  kills: Number(values.kills),
  seed: Number(values.seed),
  split: values.split,
};
const scale = { users: 24, clientsPerUser: 2, searchLagMs: 60_000 };
process.stdout.write(`friends ${JSON.stringify({ ...options, ...scale })}\n`);

const { anomalies, history, finalState, kills, detectedFaults } = await runFriendsSuite({
  ...options,
  scale,
  log: (line) => process.stdout.write(`${line}\n`),
});
for (const [kind, wrong] of Object.entries(anomalies)) {
  for (const one of wrong.slice(0, 10)) process.stdout.write(`${kind}: ${one}\n`);
}
const faultCount = Object.keys(seededFaults).length;
const pass = countAnomalies(anomalies) === 0 && detectedFaults.length === faultCount;
const related = finalState.userIds.flatMap((one) =>
  finalState.userIds.flatMap((other) => finalState.relations(one, other)),
);
const figures = {
  ...options,
  ...scale,
  kills,
  steps: history.operations.length,
  refused: history.operations.filter(({ outcome }) => /^[A-Z]/.test(outcome)).length,
  unknownSettled: history.indeterminate,
  related: Object.fromEntries(
    [...Map.groupBy(related, (one) => one)].map(([k, v]) => [k, v.length]),
  ),
  ...Object.fromEntries(Object.entries(anomalies).map(([kind, wrong]) => [kind, wrong.length])),
};
process.stdout.write(
  `${JSON.stringify({ chaos: "friends", pass, figures, planted: { caught: detectedFaults.length, of: faultCount } })}\n`,
);
process.exitCode = pass ? 0 : 1;
