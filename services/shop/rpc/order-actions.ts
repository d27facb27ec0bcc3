import { setTimeout as sleep } from "node:timers/promises";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import type { Tx } from "@plaza/kit/db/database";
import { requireAccount } from "@plaza/kit/identity/caller";
import { createIdempotencyKey, type IdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import type { ServiceContext } from "../context.ts";
import {
  cancellerOf,
  mayRead,
  noSuchOrder,
  notYourOrder,
  type OrderDetails,
} from "../domain/order.ts";
import { awaitedPaymentKinds, type OrderAction } from "../domain/order-state-machine.ts";
import type { PaymentKind } from "../domain/payment-attempt.ts";
import * as store from "../store/orders.ts";
import { applyTransition } from "../use-cases/apply-transition.ts";
import { callProvider, requestCall } from "../use-cases/call-provider.ts";
import { cancelOrder } from "../use-cases/cancel-order.ts";
import { checkOut } from "../use-cases/check-out.ts";
import { createOrderPresenter } from "./order-presenter.ts";

type Actions =
  | "checkOut"
  | "cancelOrder"
  | "confirmPayment"
  | "shipOrder"
  | "deliverOrder"
  | "refundOrder";

type ActionRequest = { readonly id: string; readonly note: string };

/** How long a caller waits for the payment provider; below the deadline of most calls. */
const maxProviderWaitMs = 3_000;

export function orderActions(deps: ServiceContext): Pick<ServiceImpl<typeof ShopService>, Actions> {
  const { db } = deps;
  const presentAll = createOrderPresenter(deps);

  async function present(order: OrderDetails, context: HandlerContext) {
    const [presented = noSuchOrder(order.id)] = await presentAll([order], context);
    return presented;
  }

  const applyAsAdmin = (tx: Tx, action: OrderAction, { id, note }: ActionRequest) =>
    applyTransition(tx, deps, id, action, { actor: "admin", note });

  const adminTransition =
    (action: OrderAction) => async (request: ActionRequest, context: HandlerContext) =>
      present(await db.begin((tx) => applyAsAdmin(tx, action, request)), context);

  /** A transition by an admin that the payment provider completes; repeated, it calls the provider again. */
  const paymentTransition =
    (action: OrderAction, kind: PaymentKind) =>
    async (request: ActionRequest, context: HandlerContext) => {
      const { order, call } = await db.begin(async (tx) => {
        const order = await applyAsAdmin(tx, action, request);
        const isAwaited = awaitedPaymentKinds[order.state] === kind;
        return { order, call: isAwaited ? await requestCall(tx, deps, order, kind) : undefined };
      });
      if (!call) return present(order, context);
      // The call goes on after this, and the job makes another one when it fails.
      const waited = sleep(maxProviderWaitMs, undefined, { ref: false });
      await Promise.race([callProvider(deps, call), waited]);
      const found = (await store.findOrder(db, order.id)) ?? noSuchOrder(order.id);
      const [after = order] = await store.withDetails(db, [found]);
      return present(after, context);
    };

  return {
    async checkOut({ idempotencyKey, $typeName: _, ...details }, context) {
      const { id: userId } = requireAccount(context);
      const content = Object.entries(details).sort();
      // The contract requires a key, so there is always one.
      const request = createIdempotencyKey(idempotencyKey, content) as IdempotencyKey;
      return present(await checkOut(deps, userId, details, request), context);
    },

    async cancelOrder({ id, note }: ActionRequest, context: HandlerContext) {
      const account = requireAccount(context);
      const order = await db.begin(async (tx) => {
        const found = (await store.lockOrder(tx, id)) ?? noSuchOrder(id);
        if (!mayRead(found, account)) notYourOrder();
        return cancelOrder(tx, deps, found, { actor: cancellerOf(found, account), note });
      });
      return present(order, context);
    },

    confirmPayment: paymentTransition("ConfirmPayment", "confirm"),
    shipOrder: adminTransition("ShipOrder"),
    deliverOrder: adminTransition("DeliverOrder"),
    refundOrder: paymentTransition("RefundOrder", "refund"),
  };
}
