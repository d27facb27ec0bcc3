import assert from "node:assert/strict";
import { type Member, register } from "../../test/base/accounts.ts";
import { placeOrder } from "../../test/base/shop-fixtures.ts";

/** A cart with more products than this is slower than most are. */
const productsInCart = 5;

/** New members. One after the other: auth refuses more passwords at once than it can hash. */
export async function registerBuyers(url: string, count: number): Promise<Member[]> {
  const buyers: Member[] = [];
  while (buyers.length < count) buyers.push(await register(url));
  return buyers;
}

/** How often all of them together put one more of something into their carts. */
export async function addsPerSecond(
  buyers: readonly Member[],
  products: readonly string[],
  ms: number,
): Promise<number> {
  for (const { request } of buyers) await request("POST /v1/carts/me:clear", {});
  return turnsPerSecond(buyers, ms, async ({ request }, turn, buyer) => {
    const productId = products[(buyer + (turn % productsInCart)) % products.length];
    const answer = await request("POST /v1/carts/me/items", { productId, quantity: 1 });
    // 99 of each is the most that a cart holds.
    if (answer.text.includes("QUANTITY_TOO_LARGE")) await request("POST /v1/carts/me:clear", {});
    else assert.equal(answer.status, 200, answer.text);
  });
}

/** How often all of them together fill a cart with one product of these and check out. */
export async function ordersPerSecond(
  buyers: readonly Member[],
  products: readonly string[],
  ms: number,
): Promise<number> {
  for (const { request } of buyers) await request("POST /v1/carts/me:clear", {});
  return turnsPerSecond(buyers, ms, async (member, turn, buyer) => {
    await placeOrder(member, products[(buyer + turn) % products.length] ?? "");
  });
}

async function turnsPerSecond(
  buyers: readonly Member[],
  ms: number,
  work: (member: Member, turn: number, buyer: number) => Promise<void>,
): Promise<number> {
  const start = performance.now();
  const done = buyers.map(async (member, buyer) => {
    let turn = 0;
    for (; performance.now() - start < ms; turn += 1) await work(member, turn, buyer);
    return turn;
  });
  const total = (await Promise.all(done)).reduce((sum, count) => sum + count, 0);
  return (total * 1_000) / (performance.now() - start);
}
