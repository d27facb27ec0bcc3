import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type Member, register } from "../../test/base/accounts.ts";
import type { ApiResponse } from "../../test/base/api-client.ts";
import type { LoopResult } from "../base/closed-loop.ts";
import { isRefusal, pauseAfterRefusal } from "../base/refusals.ts";

/** Larger carts are slower than most are. */
const productsInCart = 5;

/** Requests of a run that were refused. */
type Refusals = { count: number };

/** One cycle of a buyer: their how-manieth, and which of the buyers they are. */
type Cycle = (member: Member, turn: number, buyer: number, refusals: Refusals) => Promise<void>;

/** Registers members, one after the other: auth rejects more concurrent passwords than it can hash. */
export async function registerBuyers(url: string, count: number): Promise<Member[]> {
  const buyers: Member[] = [];
  while (buyers.length < count) buyers.push(await register(url));
  return buyers;
}

/** Measures how often all buyers together add an item to their carts. */
export function measureAdds(
  buyers: readonly Member[],
  products: readonly string[],
  ms: number,
): Promise<LoopResult> {
  return runBuyers(buyers, ms, async ({ request }, turn, buyer, refusals) => {
    const productId = products[(buyer + (turn % productsInCart)) % products.length];
    const add = () => request("POST /v1/carts/me/items", { productId, quantity: 1 });
    const response = await retryRefused(add, refusals);
    // A cart holds at most 99 of each product.
    if (response.text.includes("QUANTITY_TOO_LARGE")) await clearCart(request);
    else assert.equal(response.status, 200, response.text);
  });
}

/** Measures how often all buyers together put one product into an empty cart and check out. */
export function measureOrders(
  buyers: readonly Member[],
  products: readonly string[],
  ms: number,
): Promise<LoopResult> {
  return runBuyers(buyers, ms, async ({ request }, turn, buyer, refusals) => {
    const productId = products[(buyer + turn) % products.length];
    const item = { productId, quantity: 1 };
    const order = { idempotencyKey: randomUUID() };
    for (const send of [
      () => request("POST /v1/carts/me/items", item),
      () => request("POST /v1/carts/me:checkout", order),
    ]) {
      const response = await retryRefused(send, refusals);
      assert.equal(response.status, 200, response.text);
    }
  });
}

async function runBuyers(buyers: readonly Member[], ms: number, cycle: Cycle): Promise<LoopResult> {
  for (const { request } of buyers) await clearCart(request);
  const refusals = { count: 0 };
  const startedAt = performance.now();
  const turns = await Promise.all(
    buyers.map(async (member, buyer) => {
      let turn = 0;
      for (; performance.now() - startedAt < ms; turn += 1) {
        await cycle(member, turn, buyer, refusals);
      }
      return turn;
    }),
  );
  const served = turns.reduce((sum, count) => sum + count, 0);
  const servedPerSecond = (served * 1_000) / (performance.now() - startedAt);
  return { servedPerSecond, served, refused: refusals.count };
}

/** Sends a request until it is not refused for load. */
async function retryRefused(
  send: () => Promise<ApiResponse>,
  refusals: Refusals,
): Promise<ApiResponse> {
  for (;;) {
    const response = await send();
    if (!isRefusal(response.status)) return response;
    refusals.count += 1;
    await pauseAfterRefusal();
  }
}

async function clearCart(request: Member["request"]): Promise<void> {
  await retryRefused(() => request("POST /v1/carts/me:clear", {}), { count: 0 });
}
