import { metricsRegistry } from "@plaza/kit/telemetry/metrics";
import { Gauge } from "prom-client";
import type { ServiceContext } from "../context.ts";
import { countAwaitingOrders, lockDueAttempts } from "../store/payment-attempts.ts";
import { beginCall, callProvider } from "../use-cases/call-provider.ts";

/** Also the most calls at the same time. */
const maxCallsPerPass = 20;

const awaitingOrders = new Gauge({
  name: "plaza_shop_awaiting_orders",
  help: "Orders waiting for a payment provider, by state.",
  labelNames: ["state"],
  registers: [metricsRegistry],
});

const longestWait = new Gauge({
  name: "plaza_shop_longest_wait_seconds",
  help: "How long the oldest of these orders has been waiting, in seconds, by state.",
  labelNames: ["state"],
  registers: [metricsRegistry],
});

/**
 * Calls the payment provider for attempts that have no result: their process died, or the provider failed or did
 * not answer. Several processes may run it: each locks the attempts that it takes.
 */
export async function finishPayments(context: ServiceContext): Promise<void> {
  for (let more = true; more; ) {
    const calls = await takeDueCalls(context);
    await Promise.all(calls.map((call) => callProvider(context, call)));
    more = calls.length === maxCallsPerPass;
  }
  await measureWaits(context);
}

function takeDueCalls(context: ServiceContext) {
  const { db, now } = context;
  return db.begin(async (tx) => {
    const due = await lockDueAttempts(tx, now(), maxCallsPerPass);
    const calls = await Promise.all(
      due.map(({ orderId: id, kind, paymentMethod }) =>
        beginCall(tx, context, { id, paymentMethod }, kind),
      ),
    );
    return calls.filter((call) => call !== undefined);
  });
}

async function measureWaits({ db, now }: ServiceContext): Promise<void> {
  const found = await countAwaitingOrders(db);
  for (const state of ["confirming", "refunding"] as const) {
    const waiting = found.find((one) => one.state === state);
    awaitingOrders.labels(state).set(waiting?.count ?? 0);
    const ms = waiting ? now().getTime() - waiting.since.getTime() : 0;
    longestWait.labels(state).set(ms / 1_000);
  }
}
