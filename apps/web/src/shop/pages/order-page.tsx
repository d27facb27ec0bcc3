import { type Order, OrderState } from "@plaza/contract/shop/v1/orders";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { t } from "../../lib/messages.ts";
import { useSession } from "../../session/session.ts";
import { Alert } from "../../ui/alert.tsx";
import { BackLink } from "../../ui/back-link.tsx";
import { PageFailure } from "../../ui/failure.tsx";
import { Heading } from "../../ui/heading.tsx";
import { PageSkeleton } from "../../ui/skeletons.tsx";
import { ExactTime } from "../../ui/times.tsx";
import { Trans } from "../../ui/trans.tsx";
import { OrderActionButton } from "../components/order-action-button.tsx";
import { OrderDelivery } from "../components/order-delivery.tsx";
import { OrderStateBadge } from "../components/order-state-badge.tsx";
import { OrderTimeline } from "../components/order-timeline.tsx";
import { formatMoney } from "../money.ts";
import { adminOrderActions, buyerOrderActions } from "../order-actions.ts";
import { isAwaitingProvider, orderQuery, orderReference } from "../order-queries.ts";

/** An order, for its buyer and for admins, with the actions of each. */
export function OrderPage() {
  const { id = "" } = useParams();
  const { data: order, isPending, error, refetch } = useQuery(orderQuery(id));
  if (isPending) return <PageSkeleton />;
  if (!order) return <PageFailure error={error} onRetry={() => void refetch()} />;
  return <OrderDetails order={order} />;
}

function OrderDetails({ order }: { order: Order }) {
  const session = useSession();
  const isOwn = session?.user.id === order.userId;
  const actions = session?.isAdmin ? adminOrderActions(order) : buyerOrderActions(order);
  return (
    <div className="mx-auto max-w-text">
      {isOwn ? (
        <BackLink to="/orders">{t("shop.orders.title")}</BackLink>
      ) : (
        <BackLink to="/admin/orders">{t("shop.orders.label")}</BackLink>
      )}
      <header className="mb-8 flex flex-wrap items-center gap-x-4 gap-y-2">
        <Heading title={t("shop.order.title", { reference: orderReference(order) })} />
        <OrderStateBadge state={order.state} />
      </header>
      <div className="space-y-10">
        <PaymentInstructions order={order} />
        {isAwaitingProvider(order) && <ProviderStatus order={order} />}
        {actions.length > 0 && (
          <div className="flex flex-wrap gap-3">
            {actions.map((action, index) => (
              <OrderActionButton
                key={action.name}
                order={order}
                action={action}
                variant={index === 0 && !action.isDestructive ? "primary" : "quiet"}
              />
            ))}
          </div>
        )}
        <Items order={order} />
        <OrderDelivery order={order} isOwn={isOwn} />
        <section aria-labelledby="timeline">
          <h2 id="timeline" className="mb-4 text-xl font-semibold">
            {t("shop.order.history")}
          </h2>
          <OrderTimeline order={order} />
        </section>
      </div>
    </div>
  );
}

function PaymentInstructions({ order: { state, payment, expireTime } }: { order: Order }) {
  if (state !== OrderState.PENDING_PAYMENT) return null;
  return (
    <Alert tone="note">
      {payment?.instructions}
      {expireTime && (
        <>
          {" "}
          <Trans id="shop.order.reservedUntil" values={{ time: <ExactTime at={expireTime} /> }} />
        </>
      )}
    </Alert>
  );
}

function ProviderStatus({ order: { state, payment } }: { order: Order }) {
  const { problem, retryTime } = payment ?? {};
  return (
    <Alert tone="note">
      {t(state === OrderState.CONFIRMING ? "shop.order.confirming" : "shop.order.refunding")}
      {problem && ` ${t("shop.order.providerProblem", { problem })}`}
      {retryTime && (
        <>
          {" "}
          <Trans id="shop.order.nextAttempt" values={{ time: <ExactTime at={retryTime} /> }} />
        </>
      )}
    </Alert>
  );
}

function Items({ order: { items, totalMinor, currency } }: { order: Order }) {
  return (
    <table className="w-full">
      <caption className="sr-only">{t("shop.order.items")}</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">{t("shop.order.product")}</th>
          <th scope="col">{t("shop.common.price")}</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ productId, name, quantity, priceMinor, totalMinor }) => (
          <tr key={productId} className="border-b border-line align-baseline">
            <td className="py-3 pe-4 [overflow-wrap:anywhere]">
              <Link
                dir="auto"
                to={`/shop/${productId}`}
                className="touch-target hover:text-accent hover:underline"
              >
                {name}
              </Link>
              <span className="block text-sm text-faint tabular-nums">
                {quantity} × {formatMoney(priceMinor, currency)}
              </span>
            </td>
            <td className="py-3 text-end tabular-nums">{formatMoney(totalMinor, currency)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr className="align-baseline text-lg font-semibold">
          <th scope="row" className="pt-3 text-start font-semibold">
            {t("shop.order.total")}
          </th>
          <td className="pt-3 text-end tabular-nums">{formatMoney(totalMinor, currency)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
