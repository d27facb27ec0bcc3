import { setTimeout as sleep } from "node:timers/promises";
import { CartSchema } from "@plaza/contract/shop/v1/carts";
import { ListOrdersResponseSchema, type Order } from "@plaza/contract/shop/v1/orders";
import { ProductSchema } from "@plaza/contract/shop/v1/products";
import type { RetryingClient } from "../base/retrying-client.ts";
import type { InitialStock, ShopFinalState } from "./checker.ts";

/** How orders that await their payment end before the final state is read: they expire, or the admin confirms them. */
export type PendingOrders = "expire" | "confirm";

export type ReadBackOptions = {
  readonly admin: RetryingClient;
  readonly cartClient: RetryingClient;
  readonly initialStock: InitialStock;
  readonly pendingOrders: PendingOrders;
  /** How long to wait for orders that wait for their payment provider: a call that a kill cut off is repeated. */
  readonly maxProviderWaitMs: number;
};

const pollIntervalMs = 200;

/** Waits until no order awaits its payment or its provider, then reads back the final state through the API. */
export async function readBack({
  admin,
  cartClient,
  initialStock,
  pendingOrders,
  maxProviderWaitMs,
}: ReadBackOptions): Promise<ShopFinalState> {
  for (;;) {
    const pending = await listOrders(admin, "state=ORDER_STATE_PENDING_PAYMENT&");
    if (pending.length === 0) break;
    if (pendingOrders === "expire") await sleep(pollIntervalMs);
    else for (const { id } of pending) await admin(`POST /v1/orders/${id}:confirmPayment`, {});
  }
  for (const deadline = Date.now() + maxProviderWaitMs; Date.now() < deadline; ) {
    const states = ["CONFIRMING", "REFUNDING"].map((state) => `state=ORDER_STATE_${state}&`);
    const waiting = await Promise.all(states.map((filter) => listOrders(admin, filter)));
    if (waiting.flat().length === 0) break;
    await sleep(pollIntervalMs);
  }
  const stock = new Map<string, number>();
  for (const id of initialStock.keys()) {
    stock.set(id, (await admin(`GET /v1/products/${id}`)).as(ProductSchema).stock);
  }
  const { items } = (await cartClient("GET /v1/carts/me")).as(CartSchema);
  const cartQuantities = new Map(items.map(({ productId, quantity }) => [productId, quantity]));
  return { orders: await listOrders(admin, ""), stock, cartQuantities };
}

async function listOrders(admin: RetryingClient, filter: string): Promise<Order[]> {
  const orders: Order[] = [];
  for (let token = "", more = true; more; more = token !== "") {
    const page = await admin(`GET /v1/orders?${filter}userId=-&pageSize=100&pageToken=${token}`);
    const { orders: some, nextPageToken } = page.as(ListOrdersResponseSchema);
    orders.push(...some);
    token = nextPageToken;
  }
  return orders;
}
