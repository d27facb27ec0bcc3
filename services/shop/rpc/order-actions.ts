import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import { accountOf } from "@plaza/kit/identity/caller";
import type { Parts } from "../context.ts";
import { mayRead, noSuchOrder, notYourOrder, type WholeOrder } from "../domain/order.ts";
import { type Action, isTaken, transition } from "../domain/order-state-machine.ts";
import { toOrder } from "../mappers/order.ts";
import * as store from "../store/orders.ts";
import { takeStep } from "../use-cases/apply-transition.ts";

type Steps = "cancelOrder" | "confirmPayment" | "shipOrder" | "deliverOrder" | "refundOrder";

type Request = { readonly id: string; readonly note: string };

export function orderSteps(parts: Parts): Pick<ServiceImpl<typeof ShopService>, Steps> {
  const { db, payment } = parts;

  /** A step that admins take. `elsewhere` is what it takes beside the order, and may happen twice. */
  async function step(
    action: Action,
    { id, note }: Request,
    elsewhere: (order: WholeOrder) => Promise<void> = async () => {},
  ) {
    const [before] = await store.whole(db, [(await store.findOrder(db, id)) ?? noSuchOrder(id)]);
    if (before && !isTaken(action, statesOf(before))) {
      transition(before.state, action);
      await elsewhere(before);
    }
    const order = await db.begin((tx) => takeStep(tx, parts, id, action, { actor: "admin", note }));
    return toOrder(order, payment);
  }

  return {
    async cancelOrder({ id, note }: Request, context: HandlerContext) {
      const account = accountOf(context);
      const order = await db.begin(async (tx) => {
        const found = (await store.findOrder(tx, id)) ?? noSuchOrder(id);
        if (!mayRead(found, account)) notYourOrder();
        const actor = found.userId === account.id ? "buyer" : "admin";
        return takeStep(tx, parts, id, "CancelOrder", { actor, note });
      });
      return toOrder(order, payment);
    },

    confirmPayment: (request) => step("ConfirmPayment", request, (order) => payment.confirm(order)),
    shipOrder: (request) => step("ShipOrder", request),
    deliverOrder: (request) => step("DeliverOrder", request),
    refundOrder: (request) => step("RefundOrder", request, (order) => payment.refund(order)),
  };
}

function statesOf({ steps }: WholeOrder) {
  return steps.map(({ state }) => state);
}
