import { setTimeout as sleep } from "node:timers/promises";
import { CartSchema } from "@plaza/contract/shop/v1/carts";
import { ListOrdersResponseSchema, type Order } from "@plaza/contract/shop/v1/orders";
import { ProductSchema } from "@plaza/contract/shop/v1/products";
import type { Settle } from "../base/retrying-client.ts";
import type { Findings, Goods } from "./history.ts";

/** Waits until no order waits for its payment, then reads back, through the API, what there is. */
export async function find(admin: Settle, tabs: Settle, goods: Goods): Promise<Findings> {
  for (;;) {
    const pending = await ordersOf(admin, "state=ORDER_STATE_PENDING_PAYMENT&");
    if (pending.length === 0) break;
    await sleep(500);
  }
  const stock = new Map<string, number>();
  for (const id of goods.keys()) {
    stock.set(id, (await admin(`GET /v1/products/${id}`)).as(ProductSchema).stock);
  }
  const { items } = (await tabs("GET /v1/carts/me")).as(CartSchema);
  const counted = new Map(items.map(({ productId, quantity }) => [productId, quantity]));
  return { orders: await ordersOf(admin, ""), stock, counted };
}

async function ordersOf(admin: Settle, filter: string): Promise<Order[]> {
  const orders: Order[] = [];
  for (let token = "", more = true; more; more = token !== "") {
    const page = await admin(`GET /v1/orders?${filter}userId=-&pageSize=100&pageToken=${token}`);
    const { orders: some, nextPageToken } = page.as(ListOrdersResponseSchema);
    orders.push(...some);
    token = nextPageToken;
  }
  return orders;
}
