import type { Tx } from "@plaza/kit/db/database";
import type { ServiceContext } from "../context.ts";
import type { OrderDetails } from "../domain/order.ts";
import { type Actor, wrongState } from "../domain/order-state-machine.ts";
import { isCallUnderWay } from "../domain/payment-attempt.ts";
import { findLatestAttempts } from "../store/payment-attempts.ts";
import { applyTransition } from "./apply-transition.ts";

/**
 * Cancels a locked order. A payment that is being confirmed can be given up between the calls of its provider;
 * its attempt goes on, so that money which arrives after all is returned.
 */
export async function cancelOrder(
  tx: Tx,
  context: Pick<ServiceContext, "now" | "providerOf">,
  { id, state }: OrderDetails,
  details: { readonly actor: Actor; readonly note: string },
): Promise<OrderDetails> {
  if (state === "confirming") {
    const [attempt] = await findLatestAttempts(tx, [id]);
    if (attempt && isCallUnderWay(attempt, context.now())) wrongState(state, "CancelOrder");
  }
  return applyTransition(tx, context, id, "CancelOrder", details);
}
