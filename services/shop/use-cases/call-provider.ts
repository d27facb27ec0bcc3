import type { Tx } from "@plaza/kit/db/database";
import type { ServiceContext } from "../context.ts";
import { noSuchOrder } from "../domain/order.ts";
import {
  leaseTime,
  type PaymentCall,
  type PaymentKind,
  retryTime,
  toRequest,
} from "../domain/payment-attempt.ts";
import type { PaymentProvider, PaymentResult } from "../domain/payment-provider.ts";
import { lockOrder } from "../store/orders.ts";
import * as store from "../store/payment-attempts.ts";
import { applyTransition } from "./apply-transition.ts";

type Context = Pick<ServiceContext, "db" | "now" | "providerOf">;

const maxProblemLength = 200;

/** As beginCall, with a new attempt when the last one was declined. */
export async function requestCall(
  tx: Tx,
  context: Context,
  order: { readonly id: string; readonly paymentMethod: string },
  kind: PaymentKind,
): Promise<PaymentCall | undefined> {
  const now = context.now();
  await store.insertAttempt(tx, order.id, kind, { nextCallTime: now, createTime: now });
  return beginCall(tx, context, order, kind);
}

/** Reserves the attempt that the order waits for. Undefined when there is none, or a call is under way. */
export function beginCall(
  tx: Tx,
  { now, providerOf }: Context,
  { id, paymentMethod }: { readonly id: string; readonly paymentMethod: string },
  kind: PaymentKind,
): Promise<PaymentCall | undefined> {
  const lostTime = leaseTime(providerOf(paymentMethod).timeoutMs, now());
  return store.beginCall(tx, id, kind, { now: now(), lostTime });
}

/** Calls the provider outside any transaction and records what came of it. */
export async function callProvider(context: Context, call: PaymentCall): Promise<void> {
  const { db, now, providerOf } = context;
  const provider = providerOf(call.paymentMethod);
  let result: PaymentResult;
  try {
    result = await callInTime(provider, call);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const problem = text.slice(0, maxProblemLength);
    await store.saveFailedCall(db, call, { problem, nextCallTime: retryTime(call, now()) });
    return;
  }
  await db.begin((tx) => recordResult(tx, context, call, result));
}

/** Rejects at the provider's deadline, also when the provider ignores the signal. */
async function callInTime(provider: PaymentProvider, call: PaymentCall): Promise<PaymentResult> {
  const signal = AbortSignal.timeout(provider.timeoutMs);
  const expired = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () =>
      reject(new Error("the payment provider did not answer in time")),
    );
  });
  return Promise.race([provider[call.kind](toRequest(call), signal), expired]);
}

/** Records the first result of an attempt, and what it means for the order by now. */
async function recordResult(
  tx: Tx,
  context: Context,
  call: PaymentCall,
  result: PaymentResult,
): Promise<void> {
  const { orderId: id } = call;
  const { state } = (await lockOrder(tx, id)) ?? noSuchOrder(id);
  if (!(await store.saveOutcome(tx, call, result))) return;
  const isPayment = call.kind === "confirm";
  const record = (action: "RecordPayment" | "RecordDecline" | "RecordRefund", note = "") =>
    applyTransition(tx, context, id, action, { actor: "shop", note });
  if (result.outcome === "done") await record(isPayment ? "RecordPayment" : "RecordRefund");
  // A refund that is declined stays due; an admin attempts it again.
  else if (isPayment && state === "confirming") await record("RecordDecline", result.reason);
}
