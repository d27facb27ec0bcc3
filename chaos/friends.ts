// `npm run chaos friends -- --n 10000 --kills 30 --seed 1 [--split]`: friendship is symmetric, every answer can be
// explained, and searches follow every block, after n steps at once while Plaza or its PostgreSQL is killed.
import { parseArgs } from "node:util";
import { faults } from "./base/validate-checker.ts";
import { planted } from "./friends/seeded-faults.ts";
import { runFriends } from "./friends/suite.ts";

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
const scale = { people: 24, tabs: 2, followMs: 60_000 };
process.stdout.write(`friends ${JSON.stringify({ ...options, ...scale })}\n`);

const { verdict, history, found, kills, caught } = await runFriends({
  ...options,
  scale,
  say: (line) => process.stdout.write(`${line}\n`),
});
for (const [kind, wrong] of Object.entries(verdict)) {
  for (const one of wrong.slice(0, 10)) process.stdout.write(`${kind}: ${one}\n`);
}
const of = Object.keys(planted).length;
const pass = faults(verdict) === 0 && caught.length === of;
const related = found.people.flatMap((one) =>
  found.people.flatMap((other) => found.relations(one, other)),
);
const figures = {
  ...options,
  ...scale,
  kills,
  steps: history.calls.length,
  refused: history.calls.filter(({ outcome }) => /^[A-Z]/.test(outcome)).length,
  unknownSettled: history.unknown,
  related: Object.fromEntries(
    [...Map.groupBy(related, (one) => one)].map(([k, v]) => [k, v.length]),
  ),
  ...Object.fromEntries(Object.entries(verdict).map(([kind, wrong]) => [kind, wrong.length])),
};
process.stdout.write(
  `${JSON.stringify({ chaos: "friends", pass, figures, planted: { caught: caught.length, of } })}\n`,
);
process.exitCode = pass ? 0 : 1;
