import { type Order, OrderState } from "@plaza/contract/shop/v1/orders";

/** What is sold: how many of each product there were at the start. */
export type InitialStock = ReadonlyMap<string, number>;

/** What shoppers did and were told. */
export type ShopHistory = {
  /** Acknowledged orders, by the key under which each was placed. */
  readonly orderIdByKey: Map<string, string>;
  /** How often each product was counted up in the cart of many tabs. */
  readonly cartIncrements: Map<string, number>;
  /** Products of which there were less than none at some moment. */
  readonly oversold: Set<string>;
  /** Refusals that a correct server never answers to these shoppers. */
  readonly unexpectedErrors: string[];
  /** Refusals for want of stock, and writes that came too late for their etag. */
  outOfStockErrors: number;
  etagConflicts: number;
  /** Calls whose answer was lost; each was settled by repeating it. */
  indeterminate: number;
};

/** What is there in the end, as the API shows it. */
export type ShopFinalState = {
  readonly orders: readonly Order[];
  readonly stock: ReadonlyMap<string, number>;
  /** What the cart of many tabs holds of each product. */
  readonly cartQuantities: ReadonlyMap<string, number>;
};

/** What is wrong, by kind; all empty when every promise was kept. */
export type ShopAnomalies = Readonly<
  Record<
    "miscounted" | "oversold" | "lost" | "phantom" | "updates" | "unexpected",
    readonly string[]
  >
>;

export function createHistory(): ShopHistory {
  const [orderIdByKey, cartIncrements, oversold] = [new Map(), new Map(), new Set<string>()];
  return {
    orderIdByKey,
    cartIncrements,
    oversold,
    unexpectedErrors: [],
    outOfStockErrors: 0,
    etagConflicts: 0,
    indeterminate: 0,
  };
}

/**
 * Compares what shoppers were told with what is there. Miscounted: sold and in stock are not, together, what
 * there was. Oversold: less than nothing was left, if only for a moment. Lost: an acknowledged order that is missing.
 * Phantom: an order that nobody placed, or placed twice. Updates: a cart that missed a write.
 */
export function checkHistory(
  goods: InitialStock,
  history: ShopHistory,
  found: ShopFinalState,
): ShopAnomalies {
  const sold = unitsSold(found.orders);
  const left = (id: string) => found.stock.get(id) ?? Number.NaN;
  const ids = [...goods.keys()];
  const acknowledged = [...history.orderIdByKey.values()];
  const present = found.orders.map(({ id }) => id);
  const [known, there] = [new Set(acknowledged), new Set(present)];
  return {
    miscounted: ids
      .filter((id) => (sold.get(id) ?? 0) + left(id) !== goods.get(id))
      .map((id) => `${id}: ${sold.get(id) ?? 0} sold, ${left(id)} left of ${goods.get(id)}`),
    oversold: ids.filter((id) => history.oversold.has(id) || left(id) < 0),
    lost: acknowledged.filter((id) => !there.has(id)),
    phantom: [
      ...present.filter((id) => !known.has(id)),
      ...acknowledged.filter((id, index) => acknowledged.indexOf(id) !== index),
    ],
    updates: [...history.cartIncrements]
      .filter(([id, times]) => found.cartQuantities.get(id) !== times)
      .map(
        ([id, times]) =>
          `${id}: counted ${times} times, ${found.cartQuantities.get(id)} in the cart`,
      ),
    unexpected: history.unexpectedErrors,
  };
}

/** How many of each product left the stock for good: by orders that did not give them back. */
export function unitsSold(orders: readonly Order[]): Map<string, number> {
  const sold = new Map<string, number>();
  for (const order of orders.filter((one) => !hasReturnedStock(one))) {
    for (const { productId, quantity } of order.items) {
      sold.set(productId, (sold.get(productId) ?? 0) + quantity);
    }
  }
  return sold;
}

function hasReturnedStock({ state, timeline }: Order): boolean {
  if (state === OrderState.CANCELLED) return true;
  const wasShipped = timeline.some((step) => step.state === OrderState.SHIPPED);
  return state === OrderState.REFUNDED && !wasShipped;
}
