import { setTimeout as sleep } from "node:timers/promises";
import { ProductSchema } from "@plaza/contract/shop/v1/products";
import { demoPassword } from "../../test/base/accounts.ts";
import { newcomer, type Settle, settling } from "../base/retrying-client.ts";
import { seeded } from "../base/seeded-random.ts";
import type { Target } from "../kill/client.ts";
import { tend } from "./admin-client.ts";
import { buy } from "./buyer-client.ts";
import { countUp } from "./concurrent-carts.ts";
import { emptyHistory, type History, judge, unitsSold, type Verdict } from "./history.ts";
import { find } from "./read-back.ts";

/** How much is sold, to how many. */
export type Scale = {
  readonly products: number;
  /** Of each product. */
  readonly units: number;
  readonly buyers: number;
  readonly tabs: number;
};

/** What came of a market day. */
export type Day = {
  readonly verdict: Verdict;
  readonly history: History;
  readonly sold: number;
  readonly inStock: number;
};

/** Lets buyers, a clerk and the tabs of one more shopper loose while `work` goes on, and judges the outcome. */
export async function marketDay(
  target: Target,
  { products, units, buyers, tabs }: Scale,
  seed: number,
  work: (history: History) => Promise<unknown>,
): Promise<Day> {
  const history = emptyHistory();
  const admin = settling(target, { email: "admin1@email.com", password: demoPassword }, history);
  const anybody = settling(target, undefined, history);
  const onSale = await stock(admin, products, units);
  const toCount = await stock(admin, 10, 1_000);
  const goods = new Map(onSale.map((id) => [id, units]));
  const people: Settle[] = [];
  // One after the other: auth refuses more passwords at once than it can hash.
  while (people.length <= buyers) people.push(settling(target, await newcomer(target), history));
  const [collector, ...rest] = people;
  if (!collector) throw new Error("nobody came");

  let isOver = false;
  const over = () => isOver;
  const going = [
    ...rest.map((one, n) => buy(one, anybody, onSale, history, seeded(seed + n), over)),
    ...Array.from({ length: tabs }, (_, n) =>
      countUp(collector, toCount, history, seeded(seed + 1_000 + n), over),
    ),
    tend(admin, history, seeded(seed), over),
    watch(admin, onSale, history, over),
  ];
  await work(history);
  isOver = true;
  await Promise.all(going);
  const found = await find(admin, collector, goods);
  return {
    verdict: judge(goods, history, found),
    history,
    sold: sum(unitsSold(found.orders).values()),
    inStock: sum(found.stock.values()),
  };
}

/** Looks at what is left all the time: what was oversold may have come back by the end. */
async function watch(
  settle: Settle,
  products: readonly string[],
  history: History,
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

async function stock(admin: Settle, count: number, units: number): Promise<[string, ...string[]]> {
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
