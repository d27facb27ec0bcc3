// Rates of the shop, in one process and with a process for each service, on the same two cores, which
// PostgreSQL and the load (this process) share: reads over raw connections, writes by buyers.
import { signInDemo } from "../test/base/accounts.ts";
import { createProduct } from "../test/base/shop-fixtures.ts";
import { type LoopResult, runClosedLoop } from "./base/closed-loop.ts";
import { chooseCores } from "./base/cores.ts";
import { randomGet } from "./base/http-request.ts";
import { parseBenchOptions } from "./base/options.ts";
import { startPlazaProcess } from "./base/plaza-process.ts";
import { RefusalCounter } from "./base/refusals.ts";
import {
  medianOf,
  printResult,
  printTable,
  roundsOf,
  runRounds,
  seriesCells,
} from "./base/report.ts";
import { type Scope, withScope } from "./base/scope.ts";
import { measureAdds, measureOrders, registerBuyers } from "./shop/buyers.ts";

const options = parseBenchOptions(
  { n: 5, seconds: 4, connections: 32, products: 50 },
  { n: 1, seconds: 0.1, connections: 2, products: 2 },
);
const cores = chooseCores();

await withScope(async (scope) => {
  const [together, apart] = await Promise.all([startShop(scope), startShop(scope, "--split")]);
  const checkOut = `check out, ${options.products} products`;
  const loads: Record<string, () => Promise<LoopResult>> = {
    "read a product, one process": together.reads,
    "read a product, split": apart.reads,
    "add to a cart, one process": together.adds,
    "add to a cart, split": apart.adds,
    [`${checkOut}, one process`]: () => together.orders(together.products),
    [`${checkOut}, split`]: () => apart.orders(apart.products),
    "check out, 1 product, one process": () => together.orders(together.products.slice(0, 1)),
    "check out, 1 product, split": () => apart.orders(apart.products.slice(0, 1)),
  };
  const refusals = new RefusalCounter();
  const contenders = Object.entries(loads).map(
    ([name, measure]) => [name, async () => refusals.add(name, await measure())] as const,
  );
  const measured = await runRounds(roundsOf(options), Object.fromEntries(contenders));

  printTable([
    ["operation", "median", "each round", "refused"],
    ...Object.values(measured).map((series) => [
      ...seriesCells(series, "/s"),
      refusals.cell(series.name),
    ]),
  ]);
  console.log(
    `\n${options.connections} connections or buyers for ${options.seconds} s, ${options.products} products; a check-out is of one product, and includes the call that puts it into the cart. Refused requests are sent again.\n`,
  );
  if (!options.smoke) refusals.assertFew();
  const rate = (name: string) => medianOf(measured, name);
  const [read, add] = [rate("read a product, one process"), rate("add to a cart, one process")];
  const [order, orderSplit] = [rate(`${checkOut}, one process`), rate(`${checkOut}, split`)];
  const hot = rate("check out, 1 product, one process");
  printResult({
    bench: "shop",
    ratios: {
      read_split_vs_one: rate("read a product, split") / read,
      add_split_vs_one: rate("add to a cart, split") / add,
      check_out_split_vs_one: orderSplit / order,
      check_out_1_vs_50_products: hot / order,
      check_out_1_vs_50_products_split: rate("check out, 1 product, split") / orderSplit,
    },
    figures: { read, add, check_out: order, check_out_hot: hot },
    smoke: options.smoke,
  });
});
process.exit();

/** Starts Plaza with products and buyers, and returns how to measure a round of it. */
async function startShop(scope: Scope, ...args: string[]) {
  // Buyers pay for nothing here.
  const env = { PLAZA_SHOP_MAX_UNPAID_ORDERS: "0", PLAZA_SHOP_MAX_RESERVED_PIECES: "0" };
  const { url } = await startPlazaProcess(scope, { cores: cores.both, args, env });
  const admin = await signInDemo(url, "admin1");
  const products: string[] = [];
  while (products.length < options.products) {
    products.push(await createProduct(admin, { stock: 1_000_000 }));
  }
  const buyers = await registerBuyers(url, options.connections);
  const nextRequest = randomGet(url, "/v1/products/", products);
  const ms = options.seconds * 1_000;
  return {
    products,
    reads: () => runClosedLoop(url, nextRequest, options),
    adds: () => measureAdds(buyers, products, ms),
    orders: (wanted: readonly string[]) => measureOrders(buyers, wanted, ms),
  };
}
