// `npm run chaos shop -- --n 30 --seed 1 [--split]`: the shop never sells more than there is, frees what is not
// paid once, and loses no update of a cart, when Plaza or its PostgreSQL is killed.
import { parseArgs } from "node:util";
import { faults } from "./base/validate-checker.ts";
import { planted } from "./shop/seeded-faults.ts";
import { runShop } from "./shop/suite.ts";

const { values } = parseArgs({
  options: {
    n: { type: "string", default: "30" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    split: { type: "boolean", default: false },
  },
});
const options = { n: Number(values.n), seed: Number(values.seed), split: values.split };
const scale = { products: 50, units: 20, buyers: 64, tabs: 32 };
process.stdout.write(`shop ${JSON.stringify({ ...options, ...scale })}\n`);

const { verdict, history, sold, inStock, kills, caught } = await runShop({
  ...options,
  scale,
  say: (line) => process.stdout.write(`${line}\n`),
});
for (const [kind, found] of Object.entries(verdict)) {
  for (const one of found.slice(0, 10)) process.stdout.write(`${kind}: ${one}\n`);
}
const of = Object.keys(planted).length;
const pass = faults(verdict) === 0 && caught.length === of;
const figures = {
  ...options,
  ...scale,
  kills,
  unitsAtStart: scale.products * scale.units,
  sold,
  inStock,
  orders: history.orders.size,
  soldOut: history.soldOut,
  cartWrites: [...history.counted.values()].reduce((sum, times) => sum + times, 0),
  cartConflicts: history.conflicts,
  unknownSettled: history.unknown,
  ...Object.fromEntries(Object.entries(verdict).map(([kind, found]) => [kind, found.length])),
};
process.stdout.write(
  `${JSON.stringify({ chaos: "shop", pass, figures, planted: { caught: caught.length, of } })}\n`,
);
process.exitCode = pass ? 0 : 1;
