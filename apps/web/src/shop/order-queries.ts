import { type Order, OrderState } from "@plaza/contract/shop/v1/orders";
import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { shop } from "../lib/clients.ts";
import { pageOptions, refreshLists } from "../lib/list-queries.ts";
import { t } from "../lib/messages.ts";
import { isolate } from "../ui/isolate.ts";

/** What lists show of an order. */
const orderListReadMask = {
  paths: [
    "id",
    "state",
    "items",
    "total_minor",
    "currency",
    "delivery_name",
    "delivery_address",
    "create_time",
  ],
};

const { PENDING_PAYMENT, CONFIRMING, PAID, SHIPPED, DELIVERED, CANCELLED, REFUNDING, REFUNDED } =
  OrderState;

const anyState: OrderState = OrderState.UNSPECIFIED;

/** The names of the states in the ids of their texts. */
const orderStateKeys: Partial<Record<OrderState, OrderStateKey>> = {
  [PENDING_PAYMENT]: "pendingPayment",
  [CONFIRMING]: "confirming",
  [PAID]: "paid",
  [SHIPPED]: "shipped",
  [DELIVERED]: "delivered",
  [CANCELLED]: "cancelled",
  [REFUNDING]: "refunding",
  [REFUNDED]: "refunded",
};

type OrderStateKey =
  | "pendingPayment"
  | "confirming"
  | "paid"
  | "shipped"
  | "delivered"
  | "cancelled"
  | "refunding"
  | "refunded";

/** Whether the order waits for its payment provider, and changes without anybody's action. */
export function isAwaitingProvider({ state }: Order): boolean {
  return state === CONFIRMING || state === REFUNDING;
}

const providerPollMs = 5_000;

export function orderStateName(state: OrderState): string {
  return t(`shop.orderState.${orderStateKeys[state] ?? "unknown"}`);
}

/** The order number for people: the end of the id. Its beginning is the time of the order (UUIDv7). */
export function orderReference({ id }: Order): string {
  return id.slice(-8).toUpperCase();
}

/** The items in a line: "Plum jam, 2 × Beeswax candle". */
export function orderContents({ items }: Order): string {
  return items
    .map(({ name, quantity }) =>
      quantity === 1 ? isolate(name) : `${quantity} × ${isolate(name)}`,
    )
    .join(", ");
}

/** The orders of the member, or for admins those of all users ("-"), in one state or in any. */
export function ordersQuery({
  userId = "me",
  state = anyState,
}: {
  userId?: string;
  state?: OrderState;
}) {
  return infiniteQueryOptions({
    queryKey: ["orders", { userId, state }],
    queryFn: ({ pageParam: pageToken, signal }) =>
      shop.listOrders({ userId, state, pageToken, readMask: orderListReadMask }, { signal }),
    ...pageOptions,
    select: ({ pages }) => pages.flatMap((page) => page.orders),
  });
}

export function orderQuery(id: string) {
  return queryOptions({
    queryKey: ["order", id],
    queryFn: ({ signal }) => shop.getOrder({ id }, { signal }),
    refetchInterval: ({ state: { data } }) =>
      data && isAwaitingProvider(data) ? providerPollMs : false,
  });
}

/** Writes a changed order to the cache and refreshes the lists. */
export async function cacheOrder(client: QueryClient, order: Order): Promise<void> {
  client.setQueryData(orderQuery(order.id).queryKey, order);
  await refreshLists(client, ["orders"]);
}
