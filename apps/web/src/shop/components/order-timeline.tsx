import { type Order, OrderActor, OrderState, type OrderStep } from "@plaza/contract/shop/v1/orders";
import { ExactTime } from "../../ui/times.tsx";
import { orderStateName } from "../order-queries.ts";

const { CANCELLED, CONFIRMING, PAID, PENDING_PAYMENT, REFUNDED, REFUNDING } = OrderState;

const actorNames: Partial<Record<OrderActor, string>> = {
  [OrderActor.BUYER]: "the buyer",
  [OrderActor.ADMIN]: "an admin",
  [OrderActor.SHOP]: "the shop",
};

/** The state that ends a wait for the payment provider; the step before it adds nothing then. */
const resultStates: Partial<Record<OrderState, OrderState>> = {
  [CONFIRMING]: PAID,
  [REFUNDING]: REFUNDED,
};

function stepTitle({ state }: OrderStep, index: number): string {
  if (state !== PENDING_PAYMENT) return orderStateName(state);
  return index === 0 ? "Ordered" : "Payment declined";
}

function actorName({ state, actor }: OrderStep): string {
  const isExpired = state === CANCELLED && actor === OrderActor.SHOP;
  return isExpired ? "the shop, as the time to pay had run out" : (actorNames[actor] ?? "somebody");
}

/** The states that an order went through, oldest first. */
export function OrderTimeline({ order }: { order: Order }) {
  const steps = order.timeline.filter(({ state }, index) => {
    const result = resultStates[state];
    return result === undefined || result !== order.timeline[index + 1]?.state;
  });
  return (
    <ol aria-label="Timeline" className="ml-1.5">
      {steps.map((step, index) => (
        <li
          key={`${step.state} ${step.createTime?.seconds}`}
          className="relative border-l-2 border-line pb-5 pl-6 last:border-transparent last:pb-0"
        >
          <span
            aria-hidden
            className={`absolute top-1.5 -left-[0.4375rem] size-3 rounded-full ring-4 ring-paper ${index === steps.length - 1 ? "bg-accent" : "bg-edge"}`}
          />
          <p className="font-semibold">{stepTitle(step, index)}</p>
          <p className="text-sm text-faint">
            <ExactTime at={step.createTime} />, by {actorName(step)}
          </p>
          {step.note && (
            <p dir="auto" className="mt-1 whitespace-pre-wrap text-soft [overflow-wrap:anywhere]">
              {step.note}
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}
