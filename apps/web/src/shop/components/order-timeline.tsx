import { type Order, OrderActor, OrderState } from "@plaza/contract/shop/v1/orders";
import { ExactTime } from "../../ui/relative-time.tsx";
import { orderStateName } from "../order-queries.ts";

const actorNames: Partial<Record<OrderActor, string>> = {
  [OrderActor.BUYER]: "the buyer",
  [OrderActor.ADMIN]: "an admin",
  [OrderActor.SHOP]: "the shop, as the time to pay had run out",
};

/** The states that an order went through, oldest first. */
export function OrderTimeline({ order }: { order: Order }) {
  return (
    <ol aria-label="Timeline" className="ml-1.5">
      {order.timeline.map(({ state, actor, note, createTime }, index) => (
        <li
          key={state}
          className="relative border-l-2 border-line pb-5 pl-6 last:border-transparent last:pb-0"
        >
          <span
            aria-hidden
            className={`absolute top-1.5 -left-[0.4375rem] size-3 rounded-full ring-4 ring-paper ${index === order.timeline.length - 1 ? "bg-accent" : "bg-edge"}`}
          />
          <p className="font-semibold">
            {state === OrderState.PENDING_PAYMENT ? "Ordered" : orderStateName(state)}
          </p>
          <p className="text-sm text-faint">
            <ExactTime at={createTime} />, by {actorNames[actor] ?? "somebody"}
          </p>
          {note && <p className="mt-1 break-words whitespace-pre-line text-soft">{note}</p>}
        </li>
      ))}
    </ol>
  );
}
