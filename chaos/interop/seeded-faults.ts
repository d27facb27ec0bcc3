import type { CallOutcome, CallPlan } from "./call-plan.ts";

/** Outcomes of peers that keep to every plan but for one fault. */
export type OutcomeFault = (plans: readonly CallPlan[]) => CallOutcome[];

/** Faults that the checker must detect. */
export const seededFaults: Readonly<Record<string, OutcomeFault>> = {
  "loses its connection during a call": (plans) =>
    outcomesOf(plans, isUneventful, (outcome) => ({ ...outcome, code: 14 })),
  "answers nothing": (plans) => outcomesOf(plans, isUneventful, () => undefined),
  "drops the last message of a stream": (plans) =>
    outcomesOf(
      plans,
      (plan) => isUneventful(plan) && plan.count > 0,
      (outcome) => ({ ...outcome, messages: outcome.messages - 1 }),
    ),
  "damages a message": (plans) =>
    outcomesOf(plans, isUneventful, (outcome) => ({ ...outcome, intact: false })),
  "says CANCELLED at a deadline": (plans) =>
    outcomesOf(
      plans,
      ({ deadlineMs, delayMs }) => deadlineMs > 0 && delayMs > deadlineMs + 30_000,
      (outcome) => ({ ...outcome, code: 1 }),
    ),
};

function isUneventful({ deadlineMs, cancelMs, status }: CallPlan): boolean {
  return deadlineMs === 0 && cancelMs === null && status === 0;
}

function outcomesOf(
  plans: readonly CallPlan[],
  isFaulty: (plan: CallPlan) => boolean,
  change: (outcome: CallOutcome) => CallOutcome | undefined,
): CallOutcome[] {
  const faulty = plans.find(isFaulty);
  return plans.flatMap((plan) => {
    const outcome = correctOutcome(plan);
    return plan === faulty ? (change(outcome) ?? []) : outcome;
  });
}

function correctOutcome({ id, kind, count, early, ...plan }: CallPlan): CallOutcome {
  const { deadlineMs, cancelMs, delayMs, status } = plan;
  let code = status;
  if (cancelMs !== null && cancelMs < delayMs) code = 1;
  else if (deadlineMs > 0 && deadlineMs < delayMs) code = 4;
  const streamed = early > 0 ? early : count;
  const messages = kind === "expand" || kind === "chat" ? streamed : Number(status === 0);
  return { id, code, messages, intact: true, detail: "" };
}
