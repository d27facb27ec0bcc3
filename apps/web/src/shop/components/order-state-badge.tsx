import { OrderState } from "@plaza/contract/shop/v1/orders";
import { orderStateName } from "../order-queries.ts";

const classByState: Partial<Record<OrderState, string>> = {
  [OrderState.PENDING_PAYMENT]: "bg-sun text-[oklch(0.25_0.03_80)]",
  [OrderState.CONFIRMING]: "bg-sun text-[oklch(0.25_0.03_80)]",
  [OrderState.REFUNDING]: "bg-sun text-[oklch(0.25_0.03_80)]",
  [OrderState.CANCELLED]: "bg-sunken text-soft",
  [OrderState.REFUNDED]: "bg-sunken text-soft",
};

export function OrderStateBadge({ state }: { state: OrderState }) {
  const colorClass = classByState[state] ?? "bg-accent-wash text-accent-deep";
  return (
    <span
      className={`rounded-sm px-2 py-0.5 text-xs font-semibold whitespace-nowrap ${colorClass}`}
    >
      {orderStateName(state)}
    </span>
  );
}
