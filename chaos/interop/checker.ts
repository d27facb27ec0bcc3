import type { CallOutcome, CallPlan } from "./call-plan.ts";

const canceled = 1;
const deadlineExceeded = 4;

/** A call that went otherwise than it must. */
export type CallAnomaly = {
  readonly kind: "unanswered" | "wrong status" | "damaged";
  readonly plan: CallPlan;
  readonly outcome: CallOutcome | undefined;
};

/**
 * Compares the outcome of each call with its plan. A status is decided by the plan alone: a call that is ended by its
 * client while the server waits can end in one way only. Where the two are as fast as each other, both ends are right.
 */
export function checkOutcomes(
  plans: readonly CallPlan[],
  outcomes: readonly CallOutcome[],
): CallAnomaly[] {
  const byId = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  return plans.flatMap((plan) => {
    const outcome = byId.get(plan.id);
    const kind = checkOutcome(plan, outcome);
    return kind ? { kind, plan, outcome } : [];
  });
}

function checkOutcome(
  plan: CallPlan,
  outcome: CallOutcome | undefined,
): CallAnomaly["kind"] | undefined {
  if (!outcome) return "unanswered";
  const codes = allowedCodes(plan);
  if (!codes.includes(outcome.code)) return "wrong status";
  // In a race, a status other than OK may be the client's own.
  if (outcome.code !== plan.status || (outcome.code !== 0 && codes.length > 1)) return undefined;
  const isComplete = outcome.intact && outcome.messages === expectedMessages(plan);
  return isComplete ? undefined : "damaged";
}

/** How much sooner one side must end a call for the other to have no part in it. */
const marginMs = 10_000;

function allowedCodes({ status, cancelMs, deadlineMs, delayMs }: CallPlan): number[] {
  const canceledAtMs = cancelMs ?? Number.POSITIVE_INFINITY;
  const expiredAtMs = deadlineMs || Number.POSITIVE_INFINITY;
  const endedAtMs = Math.min(canceledAtMs, expiredAtMs);
  if (endedAtMs > delayMs + marginMs) return [status];
  const code = canceledAtMs < expiredAtMs ? canceled : deadlineExceeded;
  return delayMs > endedAtMs + marginMs ? [code] : [status, code];
}

function expectedMessages({ kind, count, early, status }: CallPlan): number {
  if (kind === "unary" || kind === "collect") return status === 0 ? 1 : 0;
  return early > 0 ? early : count;
}
