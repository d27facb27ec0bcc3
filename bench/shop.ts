// What the shop does in a second, in one process and with a process for each service, on the same two
// cores, which PostgreSQL and the generators share: wrk for reads, buyers in this process for writes.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { signInDemo } from "../test/base/accounts.ts";
import { newDataDir, removeData } from "../test/base/data-dir.ts";
import { main } from "../test/base/running-plaza.ts";
import { productFor } from "../test/base/shop-fixtures.ts";
import { cells, median, printResult, printTable, rounds } from "./base/report.ts";
import { started, wrk } from "./base/wrk.ts";
import { addsPerSecond, newBuyers, ordersPerSecond } from "./shop/buyers.ts";

const { values: options } = parseArgs({
  options: {
    n: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    connections: { type: "string", default: "64" },
  },
});
const ms = Number(options.seconds) * 1_000;
const one = await open();
const split = await open("--split");

const measured = await rounds(Number(options.n), {
  "read a product, one process": one.reads,
  "read a product, split": split.reads,
  "add to a cart, one process": one.adds,
  "add to a cart, split": split.adds,
  "check out, 50 products, one process": () => one.orders(one.products),
  "check out, 50 products, split": () => split.orders(split.products),
  "check out, 1 product, one process": () => one.orders(one.products.slice(0, 1)),
  "check out, 1 product, split": () => split.orders(split.products.slice(0, 1)),
});
await one.close();
await split.close();

printTable([
  ["what", "median", "each round"],
  ...Object.values(measured).map((series) => cells(series, "/s")),
]);
console.log(
  `\n${options.connections} connections or buyers for ${options.seconds} s, 50 products; a check-out is of one product, and goes with the call that puts it into the cart.\n`,
);
const [read, readSplit, add, addSplit, order, orderSplit, hot, hotSplit] = Object.values(
  measured,
).map(({ values }) => median(values)) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
printResult(
  "shop",
  {
    read_split_vs_one: readSplit / read,
    add_split_vs_one: addSplit / add,
    check_out_split_vs_one: orderSplit / order,
    check_out_1_vs_50_products: hot / order,
    check_out_1_vs_50_products_split: hotSplit / orderSplit,
  },
  { read, add, check_out: order, check_out_hot: hot },
);
process.exit();

async function open(...args: string[]) {
  const dataDir = newDataDir();
  const env = { PLAZA_DATA: dataDir, PLAZA_PORT: "0", PLAZA_RATE_LIMIT: "0", DATABASE_URL: "" };
  const { url, child } = await started("0,1", [main, "start", ...args], env);
  const admin = await signInDemo(url, "admin1");
  const products: string[] = [];
  while (products.length < 50) products.push(await productFor(admin, { stock: 1_000_000 }));
  const buyers = await newBuyers(url, Number(options.connections));
  const file = path.join(dataDir, "get.lua");
  writeFileSync(
    file,
    `
local ids = { ${products.map((id) => `"${id}"`).join(",")} }
request = function() return wrk.format("GET", "/v1/products/" .. ids[math.random(#ids)]) end`,
  );
  return {
    products,
    reads: async () => wrk(url, file, options),
    adds: () => addsPerSecond(buyers, products, ms),
    orders: (of: readonly string[]) => ordersPerSecond(buyers, of, ms),
    async close() {
      child.kill("SIGINT");
      await once(child, "exit");
      await removeData(dataDir);
    },
  };
}
