import { setTimeout as sleep } from "node:timers/promises";
import { ProductSchema } from "@plaza/contract/shop/v1/products";
import { demoPassword } from "../../test/base/accounts.ts";
import {
  createRetryingClient,
  type RetryingClient,
  registerNewAccount,
} from "../base/retrying-client.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import type { SystemUnderTest } from "../kill/client.ts";
import { runAdmin } from "./admin-client.ts";
import { runBuyer } from "./buyer-client.ts";
import { runCartIncrements } from "./concurrent-carts.ts";
import {
  checkHistory,
  createHistory,
  type ShopAnomalies,
  type ShopHistory,
  unitsSold,
} from "./history.ts";
import { readBack } from "./read-back.ts";

/** How much is sold, to how many. */
export type ShopScale = {
  readonly products: number;
  /** Of each product. */
  readonly unitsPerProduct: number;
  readonly buyers: number;
  readonly cartClients: number;
};

/** What came of a market day. */
export type ShopWorkloadResult = {
  readonly anomalies: ShopAnomalies;
  readonly history: ShopHistory;
  readonly sold: number;
  readonly inStock: number;
};

/** Lets buyers, a clerk and the tabs of one more shopper loose while `work` goes on, and judges the outcome. */
export async function runWorkload(
  target: SystemUnderTest,
  { products, unitsPerProduct, buyers, cartClients }: ShopScale,
  seed: number,
  nemesis: (history: ShopHistory) => Promise<unknown>,
): Promise<ShopWorkloadResult> {
  const history = createHistory();
  const admin = createRetryingClient(
    target,
    { email: "admin1@email.com", password: demoPassword },
    history,
  );
  const anybody = createRetryingClient(target, undefined, history);
  const onSale = await createProducts(admin, products, unitsPerProduct);
  const toCount = await createProducts(admin, 10, 1_000);
  const goods = new Map(onSale.map((id) => [id, unitsPerProduct]));
  const people: RetryingClient[] = [];
  // One after the other: auth refuses more passwords at once than it can hash.
  while (people.length <= buyers)
    people.push(createRetryingClient(target, await registerNewAccount(target), history));
  const [collector, ...rest] = people;
  if (!collector) throw new Error("nobody came");

  let isOver = false;
  const over = () => isOver;
  const going = [
    ...rest.map((one, n) =>
      runBuyer(one, anybody, onSale, history, createSeededRandom(seed + n), over),
    ),
    ...Array.from({ length: cartClients }, (_, n) =>
      runCartIncrements(collector, toCount, history, createSeededRandom(seed + 1_000 + n), over),
    ),
    runAdmin(admin, history, createSeededRandom(seed), over),
    watchStock(admin, onSale, history, over),
  ];
  await nemesis(history);
  isOver = true;
  await Promise.all(going);
  const found = await readBack(admin, collector, goods);
  return {
    anomalies: checkHistory(goods, history, found),
    history,
    sold: sum(unitsSold(found.orders).values()),
    inStock: sum(found.stock.values()),
  };
}

/** Looks at what is left all the time: what was oversold may have come back by the end. */
async function watchStock(
  settle: RetryingClient,
  products: readonly string[],
  history: ShopHistory,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    for (const id of products) {
      const { stock } = (await settle(`GET /v1/products/${id}?readMask=stock`)).as(ProductSchema);
      if (stock < 0) history.oversold.add(id);
    }
    await sleep(20);
  }
}

async function createProducts(
  admin: RetryingClient,
  count: number,
  units: number,
): Promise<[string, ...string[]]> {
  const made: string[] = [];
  for (let n = 1; n <= count; n += 1) {
    const product = { name: `Thing ${n}`, priceMinor: String(n), currency: "EUR", stock: units };
    const key = { idempotencyKey: `${count} ${n} ${units} ${Math.random()}` };
    made.push((await admin("POST /v1/products", { ...product, ...key })).as(ProductSchema).id);
  }
  return made as [string, ...string[]];
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, one) => total + one, 0);
}
