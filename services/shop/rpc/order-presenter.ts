import type { HandlerContext } from "@connectrpc/connect";
import type { Order as OrderMessage } from "@plaza/contract/shop/v1/orders";
import { requireAccount } from "@plaza/kit/identity/caller";
import type { ServiceContext } from "../context.ts";
import { isAdmin, type OrderDetails } from "../domain/order.ts";
import { awaitedPaymentKinds } from "../domain/order-state-machine.ts";
import { toOrder } from "../mappers/order.ts";
import { findLatestAttempts } from "../store/payment-attempts.ts";

export type OrderPresenter = (
  orders: readonly OrderDetails[],
  context: HandlerContext,
) => Promise<OrderMessage[]>;

/** Presents orders to a caller; only admins see how the calls of the payment provider go. */
export function createOrderPresenter({
  db,
  providerOf,
}: Pick<ServiceContext, "db" | "providerOf">): OrderPresenter {
  return async (orders, context) => {
    const awaiting = orders.filter(({ state }) => awaitedPaymentKinds[state]);
    const ids = isAdmin(requireAccount(context)) ? awaiting.map(({ id }) => id) : [];
    const attempts = ids.length > 0 ? await findLatestAttempts(db, ids) : [];
    return orders.map((order) => {
      const attempt = attempts.find(({ orderId }) => orderId === order.id);
      return toOrder(order, providerOf(order.paymentMethod), attempt);
    });
  };
}
