// What the shop does in a second, in one process and with a process for each service, on the same two
// cores, which PostgreSQL and the generators share: wrk for reads, buyers in this process for writes.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { signInDemo } from "../test/base/accounts.ts";
import { newDataDir, removeDataDir } from "../test/base/data-dir.ts";
import { cliEntry } from "../test/base/running-plaza.ts";
import { createProduct } from "../test/base/shop-fixtures.ts";
import { median, printResult, printTable, runRounds, seriesCells } from "./base/report.ts";
import { requestsPerSecond, startServerProcess } from "./base/wrk.ts";
import { addsPerSecond, ordersPerSecond, registerBuyers } from "./shop/buyers.ts";

const { values: options } = parseArgs({
  options: {
    n: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    connections: { type: "string", default: "64" },
  },
});
const ms = Number(options.seconds) * 1_000;
const oneProcess = await startShop();
const split = await startShop("--split");

const measured = await runRounds(Number(options.n), {
  "read a product, one process": oneProcess.reads,
  "read a product, split": split.reads,
  "add to a cart, one process": oneProcess.adds,
  "add to a cart, split": split.adds,
  "check out, 50 products, one process": () => oneProcess.orders(oneProcess.products),
  "check out, 50 products, split": () => split.orders(split.products),
  "check out, 1 product, one process": () => oneProcess.orders(oneProcess.products.slice(0, 1)),
  "check out, 1 product, split": () => split.orders(split.products.slice(0, 1)),
});
await oneProcess.close();
await split.close();

printTable([
  ["what", "median", "each round"],
  ...Object.values(measured).map((series) => seriesCells(series, "/s")),
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

async function startShop(...args: string[]) {
  const dataDir = newDataDir();
  const env = { PLAZA_DATA: dataDir, PLAZA_PORT: "0", PLAZA_RATE_LIMIT: "0", DATABASE_URL: "" };
  const { url, child } = await startServerProcess("0,1", [cliEntry, "start", ...args], env);
  const admin = await signInDemo(url, "admin1");
  const products: string[] = [];
  while (products.length < 50) products.push(await createProduct(admin, { stock: 1_000_000 }));
  const buyers = await registerBuyers(url, Number(options.connections));
  const file = path.join(dataDir, "get.lua");
  writeFileSync(
    file,
    `
local ids = { ${products.map((id) => `"${id}"`).join(",")} }
request = function() return wrk.format("GET", "/v1/products/" .. ids[math.random(#ids)]) end`,
  );
  return {
    products,
    reads: async () => requestsPerSecond(url, file, options),
    adds: () => addsPerSecond(buyers, products, ms),
    orders: (of: readonly string[]) => ordersPerSecond(buyers, of, ms),
    async close() {
      child.kill("SIGINT");
      await once(child, "exit");
      await removeDataDir(dataDir);
    },
  };
}
