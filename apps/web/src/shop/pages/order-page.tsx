import { type Order, OrderState } from "@plaza/contract/shop/v1/orders";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { useSession } from "../../session/session.ts";
import { Alert } from "../../ui/alert.tsx";
import { BackLink } from "../../ui/back-link.tsx";
import { PageFailure } from "../../ui/failure.tsx";
import { Heading } from "../../ui/heading.tsx";
import { PageSkeleton } from "../../ui/skeletons.tsx";
import { ExactTime } from "../../ui/times.tsx";
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
        <BackLink to="/orders">My orders</BackLink>
      ) : (
        <BackLink to="/admin/orders">Orders</BackLink>
      )}
      <header className="mb-8 flex flex-wrap items-center gap-x-4 gap-y-2">
        <Heading title={`Order ${orderReference(order)}`} />
        <OrderStateBadge state={order.state} />
      </header>
      <div className="space-y-10">
        <PaymentInstructions order={order} />
        {isAwaitingProvider(order) && <ProviderStatus order={order} />}
        {actions.length > 0 && (
          <div className="flex flex-wrap gap-3">
            {actions.map((action, index) => (
              <OrderActionButton
                key={action.label}
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
            What has happened
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
          The goods are kept until <ExactTime at={expireTime} />.
        </>
      )}
    </Alert>
  );
}

function ProviderStatus({ order: { state, payment } }: { order: Order }) {
  const { problem, retryTime } = payment ?? {};
  return (
    <Alert tone="note">
      {state === OrderState.CONFIRMING
        ? "The payment is being confirmed."
        : "The money is being returned."}
      {problem && ` The payment provider has not done it yet: ${problem}.`}
      {retryTime && (
        <>
          {" "}
          It is asked again on <ExactTime at={retryTime} />.
        </>
      )}
    </Alert>
  );
}

function Items({ order: { items, totalMinor, currency } }: { order: Order }) {
  return (
    <table className="w-full">
      <caption className="sr-only">What was ordered</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">Product</th>
          <th scope="col">Price</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ productId, name, quantity, priceMinor, totalMinor }) => (
          <tr key={productId} className="border-b border-line align-baseline">
            <td className="py-3 pr-4 [overflow-wrap:anywhere]">
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
            <td className="py-3 text-right tabular-nums">{formatMoney(totalMinor, currency)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr className="align-baseline text-lg font-semibold">
          <th scope="row" className="pt-3 text-left font-semibold">
            Altogether
          </th>
          <td className="pt-3 text-right tabular-nums">{formatMoney(totalMinor, currency)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
