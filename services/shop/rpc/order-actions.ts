import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import { requireAccount } from "@plaza/kit/identity/caller";
import type { ServiceContext } from "../context.ts";
import { mayRead, noSuchOrder, notYourOrder, type OrderDetails } from "../domain/order.ts";
import { findTransition, hasApplied, type OrderAction } from "../domain/order-state-machine.ts";
import { toOrder } from "../mappers/order.ts";
import * as store from "../store/orders.ts";
import { applyTransition } from "../use-cases/apply-transition.ts";

type Actions = "cancelOrder" | "confirmPayment" | "shipOrder" | "deliverOrder" | "refundOrder";

type ActionRequest = { readonly id: string; readonly note: string };

export function orderActions(deps: ServiceContext): Pick<ServiceImpl<typeof ShopService>, Actions> {
  const { db, payment } = deps;

  /** A step that admins take. `elsewhere` is what it takes beside the order, and may happen twice. */
  async function step(
    action: OrderAction,
    { id, note }: ActionRequest,
    elsewhere: (order: OrderDetails) => Promise<void> = async () => {},
  ) {
    const [before] = await store.withDetails(db, [
      (await store.findOrder(db, id)) ?? noSuchOrder(id),
    ]);
    if (before && !hasApplied(action, statesOf(before))) {
      findTransition(before.state, action);
      await elsewhere(before);
    }
    const order = await db.begin((tx) =>
      applyTransition(tx, deps, id, action, { actor: "admin", note }),
    );
    return toOrder(order, payment);
  }

  return {
    async cancelOrder({ id, note }: ActionRequest, context: HandlerContext) {
      const account = requireAccount(context);
      const order = await db.begin(async (tx) => {
        const found = (await store.findOrder(tx, id)) ?? noSuchOrder(id);
        if (!mayRead(found, account)) notYourOrder();
        const actor = found.userId === account.id ? "buyer" : "admin";
        return applyTransition(tx, deps, id, "CancelOrder", { actor, note });
      });
      return toOrder(order, payment);
    },

    confirmPayment: (request) => step("ConfirmPayment", request, (order) => payment.confirm(order)),
    shipOrder: (request) => step("ShipOrder", request),
    deliverOrder: (request) => step("DeliverOrder", request),
    refundOrder: (request) => step("RefundOrder", request, (order) => payment.refund(order)),
  };
}

function statesOf({ steps }: OrderDetails) {
  return steps.map(({ state }) => state);
}
