import { type Order, OrderState } from "@plaza/contract/shop/v1/orders";
import type { ShopHistory } from "./history.ts";

/** The states in which an order waits for its payment provider. */
export const awaitingStates: ReadonlySet<OrderState> = new Set([
  OrderState.CONFIRMING,
  OrderState.REFUNDING,
]);

/** The units of each product at the start. */
export type InitialStock = ReadonlyMap<string, number>;

/** The final state, as the API shows it. */
export type ShopFinalState = {
  readonly orders: readonly Order[];
  readonly stock: ReadonlyMap<string, number>;
  /** The quantity of each product in the cart of the cart clients. */
  readonly cartQuantities: ReadonlyMap<string, number>;
};

/** The anomalies by kind; all empty in a correct run. */
export type ShopAnomalies = Readonly<
  Record<
    "miscounted" | "oversold" | "lost" | "phantom" | "unfinished" | "lostUpdates" | "unexpected",
    readonly string[]
  >
>;

/**
 * Compares the history with the final state. Miscounted: units sold and in stock do not add up to the initial stock.
 * Oversold: the stock was below zero, if only for a moment. Lost: an acknowledged order is missing. Phantom: an order
 * that nobody placed, or that two check-outs got. Unfinished: an order still waits for its payment provider, which
 * answers. Lost updates: a cart misses an acknowledged increment.
 */
export function checkHistory(
  initialStock: InitialStock,
  history: ShopHistory,
  finalState: ShopFinalState,
): ShopAnomalies {
  const sold = unitsSold(finalState.orders);
  const left = (id: string) => finalState.stock.get(id) ?? Number.NaN;
  const ids = [...initialStock.keys()];
  const acknowledged = [...history.orderIdByKey.values()];
  const present = finalState.orders.map(({ id }) => id);
  const [acknowledgedIds, presentIds] = [new Set(acknowledged), new Set(present)];
  return {
    miscounted: ids
      .filter((id) => (sold.get(id) ?? 0) + left(id) !== initialStock.get(id))
      .map((id) => `${id}: ${sold.get(id) ?? 0} sold, ${left(id)} left of ${initialStock.get(id)}`),
    oversold: ids.filter((id) => history.oversold.has(id) || left(id) < 0),
    lost: acknowledged.filter((id) => !presentIds.has(id)),
    phantom: [
      ...present.filter((id) => !acknowledgedIds.has(id)),
      ...acknowledged.filter((id, index) => acknowledged.indexOf(id) !== index),
    ],
    unfinished: finalState.orders
      .filter(({ state }) => awaitingStates.has(state))
      .map(({ id, state }) => `${id}: in state ${state}`),
    lostUpdates: [...history.cartIncrements]
      .filter(([id, times]) => finalState.cartQuantities.get(id) !== times)
      .map(
        ([id, times]) =>
          `${id}: incremented ${times} times, ${finalState.cartQuantities.get(id)} in the cart`,
      ),
    unexpected: history.unexpectedErrors,
  };
}

/** The units of each product that left the stock: those of orders that did not return them. */
export function unitsSold(orders: readonly Order[]): Map<string, number> {
  const sold = new Map<string, number>();
  for (const order of orders.filter((one) => !hasReturnedStock(one))) {
    for (const { productId, quantity } of order.items) {
      sold.set(productId, (sold.get(productId) ?? 0) + quantity);
    }
  }
  return sold;
}

function hasReturnedStock({ timeline }: Order): boolean {
  const has = (state: OrderState) => timeline.some((step) => step.state === state);
  if (has(OrderState.CANCELLED)) return true;
  return has(OrderState.REFUNDING) && !has(OrderState.SHIPPED);
}
