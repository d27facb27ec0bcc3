import type { Order } from "@plaza/contract/shop/v1/orders";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { t } from "../../lib/messages.ts";
import { LinkButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Heading } from "../../ui/heading.tsx";
import { InfiniteList } from "../../ui/infinite-list.tsx";
import { TextRowsSkeleton } from "../../ui/skeletons.tsx";
import { RelativeTime } from "../../ui/times.tsx";
import { OrderStateBadge } from "../components/order-state-badge.tsx";
import { formatMoney } from "../money.ts";
import { orderContents, orderReference, ordersQuery } from "../order-queries.ts";

export function OrdersPage() {
  const query = useInfiniteQuery(ordersQuery({}));
  return (
    <div className="mx-auto max-w-text">
      <Heading title={t("shop.orders.title")} className="mb-4 text-3xl font-bold" />
      <InfiniteList
        label={t("shop.orders.label")}
        query={query}
        keyOf={({ id }) => id}
        skeleton={<TextRowsSkeleton />}
        empty={<NothingYet />}
      >
        {(order) => <OrderRow order={order} />}
      </InfiniteList>
    </div>
  );
}

function OrderRow({ order }: { order: Order }) {
  const { id, state, totalMinor, currency, createTime } = order;
  return (
    <li className="border-b border-line last:border-0">
      <Link to={`/orders/${id}`} className="-mx-3 block rounded-md px-3 py-4 hover:bg-sunken">
        <span className="flex items-baseline justify-between gap-4">
          <span className="min-w-0 truncate font-semibold">{orderContents(order)}</span>
          <span className="font-semibold tabular-nums">{formatMoney(totalMinor, currency)}</span>
        </span>
        <span className="mt-1 flex items-center gap-3 text-sm text-faint">
          <OrderStateBadge state={state} />
          <RelativeTime at={createTime} />
          <span className="ms-auto font-mono text-xs">{orderReference(order)}</span>
        </span>
      </Link>
    </li>
  );
}

function NothingYet() {
  return (
    <EmptyState title={t("shop.orders.empty")}>
      <LinkButton to="/shop" variant="primary" className="mt-2">
        {t("shop.cart.browse")}
      </LinkButton>
    </EmptyState>
  );
}
