// `npm run chaos kill -- --n 200 --seed 1 [--split]`: no acknowledged write is lost or doubled when Plaza or
// its PostgreSQL is killed.
import { parseArgs } from "node:util";
import { faults } from "./base/validate-checker.ts";
import { planted } from "./kill/seeded-faults.ts";
import { runKills } from "./kill/suite.ts";

const { values } = parseArgs({
  options: {
    n: { type: "string", default: "200" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    split: { type: "boolean", default: false },
  },
});
const options = { n: Number(values.n), seed: Number(values.seed), split: values.split };
process.stdout.write(`kill ${JSON.stringify(options)}\n`);

const { verdict, history, kills, recoveriesMs, caught } = await runKills({
  ...options,
  say: (line) => process.stdout.write(`${line}\n`),
});
for (const [kind, found] of Object.entries(verdict)) {
  for (const one of found.slice(0, 10)) process.stdout.write(`${kind}: ${one}\n`);
}
const sorted = recoveriesMs.toSorted((a, b) => a - b);
const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
const of = Object.keys(planted).length;
const pass = faults(verdict) === 0 && caught.length === of;
const figures = {
  ...options,
  kills,
  acknowledged: history.writes.filter(({ isDone }) => isDone).length + history.registrations.length,
  unknownSettled: history.unknown,
  ...Object.fromEntries(Object.entries(verdict).map(([kind, found]) => [kind, found.length])),
  recoveryMs: { median: at(0.5), worst: Math.round(sorted.at(-1) ?? 0) },
};
process.stdout.write(
  `${JSON.stringify({ chaos: "kill", pass, figures, planted: { caught: caught.length, of } })}\n`,
);
process.exitCode = pass ? 0 : 1;
