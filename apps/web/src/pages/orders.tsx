import type { Order } from "@plaza/contract/shop/v1/orders";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { LinkButton } from "../parts/button.tsx";
import { Empty } from "../parts/empty.tsx";
import { EndlessList } from "../parts/endless-list.tsx";
import { Heading } from "../parts/heading.tsx";
import { Moment } from "../parts/moment.tsx";
import { OrderStateBadge } from "../parts/shop/order-state.tsx";
import { LinesSkeleton } from "../parts/skeleton.tsx";
import { formatMoney } from "../shop/money.ts";
import { contentsOf, ordersQuery, referenceOf } from "../shop/orders.ts";

export function OrdersPage() {
  const query = useInfiniteQuery(ordersQuery({}));
  return (
    <div className="mx-auto max-w-text">
      <Heading title="My orders" className="mb-4 text-3xl font-bold" />
      <EndlessList
        label="Orders"
        query={query}
        keyOf={({ id }) => id}
        skeleton={<LinesSkeleton />}
        empty={<NothingYet />}
      >
        {(order) => <OrderRow order={order} />}
      </EndlessList>
    </div>
  );
}

function OrderRow({ order }: { order: Order }) {
  const { id, state, totalMinor, currency, createTime } = order;
  return (
    <li className="border-b border-line last:border-0">
      <Link to={`/orders/${id}`} className="-mx-3 block rounded-md px-3 py-4 hover:bg-sunken">
        <span className="flex items-baseline justify-between gap-4">
          <span className="min-w-0 truncate font-semibold">{contentsOf(order)}</span>
          <span className="font-semibold tabular-nums">{formatMoney(totalMinor, currency)}</span>
        </span>
        <span className="mt-1 flex items-center gap-3 text-sm text-faint">
          <OrderStateBadge state={state} />
          <Moment at={createTime} />
          <span className="ml-auto font-mono text-xs">{referenceOf(order)}</span>
        </span>
      </Link>
    </li>
  );
}

function NothingYet() {
  return (
    <Empty title="You have not ordered yet">
      <LinkButton to="/shop" look="primary" className="mt-2">
        Look around the shop
      </LinkButton>
    </Empty>
  );
}
