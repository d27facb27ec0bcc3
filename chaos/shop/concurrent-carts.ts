import { randomUUID } from "node:crypto";
import { CartSchema } from "@plaza/contract/shop/v1/carts";
import { reasonIn, type Settle } from "../base/retrying-client.ts";
import type { Random } from "../base/seeded-random.ts";
import type { History } from "./history.ts";

const mostOfEach = 99;

/** One of many tabs on the same cart: reads it, counts a product up and writes, until `isOver`. */
export async function countUp(
  settle: Settle,
  products: readonly [string, ...string[]],
  history: History,
  random: Random,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const { items, etag } = (await settle("GET /v1/carts/me")).as(CartSchema);
    const productId = random.pick(products);
    const quantity = (items.find((item) => item.productId === productId)?.quantity ?? 0) + 1;
    if (quantity > mostOfEach) continue;
    const write = { quantity, etag, idempotencyKey: randomUUID() };
    const answer = await settle(`PATCH /v1/carts/me/items/${productId}`, write);
    if (answer.status === 200) {
      history.counted.set(productId, (history.counted.get(productId) ?? 0) + 1);
    } else if (reasonIn(answer) === "CART_CHANGED") history.conflicts += 1;
    else history.surprises.push(`count up: ${answer.text}`);
  }
}
