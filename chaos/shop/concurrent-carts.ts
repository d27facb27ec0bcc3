import { randomUUID } from "node:crypto";
import { CartSchema } from "@plaza/contract/shop/v1/carts";
import { errorReason, type RetryingClient } from "../base/retrying-client.ts";
import type { SeededRandom } from "../base/seeded-random.ts";
import type { ShopHistory } from "./history.ts";

const maxQuantity = 99;

/** Reads a cart that several clients share, increments a product and writes with the etag, until `isOver`. */
export async function runCartIncrements(
  client: RetryingClient,
  products: readonly [string, ...string[]],
  history: ShopHistory,
  random: SeededRandom,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const { items, etag } = (await client("GET /v1/carts/me")).as(CartSchema);
    const productId = random.pick(products);
    const quantity = (items.find((item) => item.productId === productId)?.quantity ?? 0) + 1;
    if (quantity > maxQuantity) continue;
    const write = { quantity, etag, idempotencyKey: randomUUID() };
    const answer = await client(`PATCH /v1/carts/me/items/${productId}`, write);
    if (answer.status === 200) {
      history.cartIncrements.set(productId, (history.cartIncrements.get(productId) ?? 0) + 1);
    } else if (errorReason(answer) === "CART_CHANGED") history.etagConflicts += 1;
    else history.unexpectedErrors.push(`increment: ${answer.text}`);
  }
}
