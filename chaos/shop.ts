// `npm run chaos shop -- --n 30 --seed 1 [--split]`: the shop never sells more than there is, frees what is not
// paid once, and loses no update of a cart, when Plaza or its PostgreSQL is killed.
import { parseArgs } from "node:util";
import { countAnomalies } from "./base/validate-checker.ts";
import { seededFaults } from "./shop/seeded-faults.ts";
import { runShopSuite } from "./shop/suite.ts";

const { values } = parseArgs({
  options: {
    n: { type: "string", default: "30" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    split: { type: "boolean", default: false },
  },
});
const options = { n: Number(values.n), seed: Number(values.seed), split: values.split };
const scale = { products: 50, unitsPerProduct: 20, buyers: 64, cartClients: 32 };
process.stdout.write(`shop ${JSON.stringify({ ...options, ...scale })}\n`);

const { anomalies, history, sold, inStock, kills, detectedFaults } = await runShopSuite({
  ...options,
  scale,
  log: (line) => process.stdout.write(`${line}\n`),
});
for (const [kind, found] of Object.entries(anomalies)) {
  for (const one of found.slice(0, 10)) process.stdout.write(`${kind}: ${one}\n`);
}
const faultCount = Object.keys(seededFaults).length;
const pass = countAnomalies(anomalies) === 0 && detectedFaults.length === faultCount;
const figures = {
  ...options,
  ...scale,
  kills,
  unitsAtStart: scale.products * scale.unitsPerProduct,
  sold,
  inStock,
  orders: history.orderIdByKey.size,
  soldOut: history.outOfStockErrors,
  cartWrites: [...history.cartIncrements.values()].reduce((sum, times) => sum + times, 0),
  cartConflicts: history.etagConflicts,
  unknownSettled: history.indeterminate,
  ...Object.fromEntries(Object.entries(anomalies).map(([kind, found]) => [kind, found.length])),
};
process.stdout.write(
  `${JSON.stringify({ chaos: "shop", pass, figures, planted: { caught: detectedFaults.length, of: faultCount } })}\n`,
);
process.exitCode = pass ? 0 : 1;
