import type { Db, Tx } from "@plaza/kit/db/database";
import type { PaymentAttempt, PaymentCall, PaymentKind } from "../domain/payment-attempt.ts";
import type { PaymentResult } from "../domain/payment-provider.ts";

const columns = (db: Db) => db`
  order_id, kind, number, call_count, outcome, problem, is_calling, next_call_time`;

/** The columns of a statement that changes attempts and reads their orders. */
const callColumns = (db: Db) => db`
  ${columns(db)}, total_minor, currency, payment_method, (
    select max(confirm.number) from payment_attempt as confirm
    where confirm.order_id = shop_order.id and confirm.kind = 'confirm' and confirm.outcome = 'done'
  ) as confirm_number`;

/** Inserts the next attempt of the kind, unless there is one without a result. */
export async function insertAttempt(
  tx: Tx,
  orderId: string,
  kind: PaymentKind,
  { nextCallTime, createTime }: { readonly nextCallTime: Date | null; readonly createTime: Date },
): Promise<void> {
  await tx`
    insert into payment_attempt
      (order_id, kind, number, call_count, problem, is_calling, next_call_time, create_time)
    select ${orderId}::uuid, ${kind}, coalesce(max(number), 0) + 1, 0, '', false,
      ${nextCallTime}::timestamptz, ${createTime}
    from payment_attempt where order_id = ${orderId} and kind = ${kind}
    on conflict (order_id, kind) where outcome is null do nothing`;
}

/** Reserves the attempt without a result for a call that is lost at `lostTime`; not while one is under way. */
export async function beginCall(
  tx: Tx,
  orderId: string,
  kind: PaymentKind,
  { now, lostTime }: { readonly now: Date; readonly lostTime: Date },
): Promise<PaymentCall | undefined> {
  const [call] = await tx<PaymentCall[]>`
    update payment_attempt
    set call_count = call_count + 1, is_calling = true, next_call_time = ${lostTime}
    from shop_order
    where shop_order.id = order_id and order_id = ${orderId} and kind = ${kind} and outcome is null
      and (not is_calling or next_call_time <= ${now})
    returning ${callColumns(tx)}`;
  return call;
}

/** Locks attempts that are due until the transaction ends; skips those that another process has locked. */
export async function lockDueAttempts(
  tx: Tx,
  now: Date,
  limit: number,
): Promise<(Pick<PaymentAttempt, "orderId" | "kind"> & { readonly paymentMethod: string })[]> {
  return tx`
    select order_id, kind, payment_method
    from payment_attempt join shop_order on shop_order.id = order_id
    where outcome is null and next_call_time <= ${now}
    order by next_call_time limit ${limit} for update of payment_attempt skip locked`;
}

/** Saves the result. False when there is one already. */
export async function saveOutcome(
  tx: Tx,
  { orderId, kind, number }: PaymentAttempt,
  result: PaymentResult,
): Promise<boolean> {
  const problem = result.outcome === "declined" ? result.reason : "";
  const { count } = await tx`
    update payment_attempt
    set ${tx({ outcome: result.outcome, problem, isCalling: false, nextCallTime: null })}
    where order_id = ${orderId} and kind = ${kind} and number = ${number} and outcome is null`;
  return count === 1;
}

/** Saves that a call ended without a result, unless a later call began meanwhile. */
export async function saveFailedCall(
  db: Db,
  { orderId, kind, number, callCount }: PaymentAttempt,
  { problem, nextCallTime }: Pick<PaymentAttempt, "problem" | "nextCallTime">,
): Promise<void> {
  await db`
    update payment_attempt set ${db({ problem, nextCallTime, isCalling: false })}
    where order_id = ${orderId} and kind = ${kind} and number = ${number}
      and call_count = ${callCount} and outcome is null`;
}

/** The latest attempt of each order. */
export function findLatestAttempts(db: Db, orderIds: readonly string[]): Promise<PaymentAttempt[]> {
  return db<PaymentAttempt[]>`
    select distinct on (order_id) ${columns(db)} from payment_attempt
    where order_id = any(${orderIds}::uuid[])
    order by order_id, create_time desc, kind desc, number desc`;
}

/** The orders that wait for a provider, by state, with the time since which the first one waits. */
export function countAwaitingOrders(
  db: Db,
): Promise<{ state: "confirming" | "refunding"; count: number; since: Date }[]> {
  return db`
    select state, count(*)::int as count, min(update_time) as since from shop_order
    where state in ('confirming', 'refunding') group by state`;
}
