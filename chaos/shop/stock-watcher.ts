import { setTimeout as sleep } from "node:timers/promises";
import { ProductSchema } from "@plaza/contract/shop/v1/products";
import type { RetryingClient } from "../base/retrying-client.ts";
import type { ShopHistory } from "./history.ts";

const pollIntervalMs = 20;

/** Polls the stock until `isOver`: a transient oversell may be gone by the end. */
export async function watchStock(
  client: RetryingClient,
  productIds: readonly string[],
  history: ShopHistory,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    for (const id of productIds) {
      const { stock } = (await client(`GET /v1/products/${id}?readMask=stock`)).as(ProductSchema);
      if (stock < 0) history.oversold.add(id);
    }
    await sleep(pollIntervalMs);
  }
}
