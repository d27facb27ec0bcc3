import type { Order } from "@plaza/contract/shop/v1/orders";
import { Link } from "react-router";
import { t } from "../../lib/messages.ts";
import { OrderActionButton } from "../../shop/components/order-action-button.tsx";
import { formatMoney } from "../../shop/money.ts";
import { adminOrderActions } from "../../shop/order-actions.ts";
import { orderContents, orderReference } from "../../shop/order-queries.ts";
import { RelativeTime } from "../../ui/times.tsx";
import { Trans } from "../../ui/trans.tsx";

/** An order on the admin's board, with the usual next action. */
export function OrderCard({ order }: { order: Order }) {
  const { id, deliveryName, deliveryAddress, totalMinor, currency, createTime } = order;
  const nextAction = adminOrderActions(order).find(({ isDestructive }) => !isDestructive);
  return (
    <li className="flex flex-col gap-2 rounded-md bg-card p-4 shadow-card">
      <p className="flex items-baseline justify-between gap-3">
        <Link
          to={`/orders/${id}`}
          className="touch-target font-mono text-sm font-semibold hover:text-accent hover:underline"
        >
          {orderReference(order)}
        </Link>
        <span className="font-semibold tabular-nums">{formatMoney(totalMinor, currency)}</span>
      </p>
      <p className="line-clamp-2 text-sm text-soft">{orderContents(order)}</p>
      <p className="text-sm text-faint">
        {deliveryName && (
          <>
            <bdi>{deliveryName}</bdi>
            {" · "}
          </>
        )}
        {t(deliveryAddress ? "shop.common.delivery" : "shop.common.pickup")}
        <span className="block">
          <Trans id="admin.orderCard.ordered" values={{ time: <RelativeTime at={createTime} /> }} />
        </span>
      </p>
      {nextAction && <OrderActionButton order={order} action={nextAction} />}
    </li>
  );
}
