import { type Order, OrderActor, OrderState, type OrderStep } from "@plaza/contract/shop/v1/orders";
import { t } from "../../lib/messages.ts";
import { ExactTime } from "../../ui/times.tsx";
import { Trans } from "../../ui/trans.tsx";
import { orderStateName } from "../order-queries.ts";

const { CANCELLED, CONFIRMING, PAID, PENDING_PAYMENT, REFUNDED, REFUNDING } = OrderState;

const actorNames: Partial<Record<OrderActor, string>> = {
  [OrderActor.BUYER]: "buyer",
  [OrderActor.ADMIN]: "admin",
  [OrderActor.SHOP]: "shop",
};

/** The state that ends a wait for the payment provider; the step before it adds nothing then. */
const resultStates: Partial<Record<OrderState, OrderState>> = {
  [CONFIRMING]: PAID,
  [REFUNDING]: REFUNDED,
};

function stepTitle({ state }: OrderStep, index: number): string {
  if (state !== PENDING_PAYMENT) return orderStateName(state);
  return t(index === 0 ? "shop.orderTimeline.ordered" : "shop.orderTimeline.declined");
}

/** Who has done the step, as its message names them; the shop cancels only what was not paid in time. */
function actorName({ state, actor }: OrderStep): string {
  const isExpired = state === CANCELLED && actor === OrderActor.SHOP;
  return isExpired ? "deadline" : (actorNames[actor] ?? "other");
}

/** The states that an order went through, oldest first. */
export function OrderTimeline({ order }: { order: Order }) {
  const steps = order.timeline.filter(({ state }, index) => {
    const result = resultStates[state];
    return result === undefined || result !== order.timeline[index + 1]?.state;
  });
  return (
    <ol aria-label={t("shop.order.history")} className="ms-1.5">
      {steps.map((step, index) => (
        <li
          key={`${step.state} ${step.createTime?.seconds}`}
          className="relative border-s-2 border-line pb-5 ps-6 last:border-transparent last:pb-0"
        >
          <span
            aria-hidden
            className={`absolute top-1.5 -start-[0.4375rem] size-3 rounded-full ring-4 ring-paper ${index === steps.length - 1 ? "bg-accent" : "bg-edge"}`}
          />
          <p className="font-semibold">{stepTitle(step, index)}</p>
          <p className="text-sm text-faint">
            <Trans
              id="shop.orderTimeline.step"
              values={{ time: <ExactTime at={step.createTime} />, actor: actorName(step) }}
            />
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
