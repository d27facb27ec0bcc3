import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import { requireAccount } from "@plaza/kit/identity/caller";
import { createIdempotencyKey, type IdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import type { ServiceContext } from "../context.ts";
import { mayRead, noSuchOrder, notYourOrder, type OrderDetails } from "../domain/order.ts";
import { findTransition, hasApplied, type OrderAction } from "../domain/order-state-machine.ts";
import { toOrder } from "../mappers/order.ts";
import * as store from "../store/orders.ts";
import { applyTransition } from "../use-cases/apply-transition.ts";
import { checkOut } from "../use-cases/check-out.ts";

type Actions =
  | "checkOut"
  | "cancelOrder"
  | "confirmPayment"
  | "shipOrder"
  | "deliverOrder"
  | "refundOrder";

type ActionRequest = { readonly id: string; readonly note: string };

export function orderActions(deps: ServiceContext): Pick<ServiceImpl<typeof ShopService>, Actions> {
  const { db, payment } = deps;

  /** A transition by an admin. `sideEffect` runs before the transaction and may run twice. */
  async function adminTransition(
    action: OrderAction,
    { id, note }: ActionRequest,
    sideEffect: (order: OrderDetails) => Promise<void> = async () => {},
  ) {
    const [before] = await store.withDetails(db, [
      (await store.findOrder(db, id)) ?? noSuchOrder(id),
    ]);
    if (before && !hasApplied(action, statesOf(before))) {
      findTransition(before.state, action);
      await sideEffect(before);
    }
    const order = await db.begin((tx) =>
      applyTransition(tx, deps, id, action, { actor: "admin", note }),
    );
    return toOrder(order, payment);
  }

  return {
    async checkOut({ idempotencyKey, $typeName: _, ...details }, context) {
      const { id: userId } = requireAccount(context);
      const content = Object.entries(details).sort();
      // The contract requires a key, so there is always one.
      const request = createIdempotencyKey(idempotencyKey, content) as IdempotencyKey;
      return toOrder(await checkOut(deps, userId, details, request), payment);
    },

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

    confirmPayment: (request) =>
      adminTransition("ConfirmPayment", request, (order) => payment.confirm(order)),
    shipOrder: (request) => adminTransition("ShipOrder", request),
    deliverOrder: (request) => adminTransition("DeliverOrder", request),
    refundOrder: (request) =>
      adminTransition("RefundOrder", request, (order) => payment.refund(order)),
  };
}

function statesOf({ steps }: OrderDetails) {
  return steps.map(({ state }) => state);
}
