import { OrderState } from "@plaza/contract/shop/v1/orders";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { t } from "../../lib/messages.ts";
import { orderStateName, ordersQuery } from "../../shop/order-queries.ts";
import { Heading } from "../../ui/heading.tsx";
import { InfiniteList } from "../../ui/infinite-list.tsx";
import { TextRowsSkeleton } from "../../ui/skeletons.tsx";
import { OrderCard } from "../components/order-card.tsx";

const { PENDING_PAYMENT, CONFIRMING, PAID, SHIPPED, DELIVERED, CANCELLED, REFUNDING, REFUNDED } =
  OrderState;

/** States by the value of the search parameter `state`: those of the board, then the others beside it. */
const boardStates = { due: PENDING_PAYMENT, paid: PAID, shipped: SHIPPED, delivered: DELIVERED };
const otherStates = {
  confirming: CONFIRMING,
  refunding: REFUNDING,
  cancelled: CANCELLED,
  refunded: REFUNDED,
};

/** A board with a column for each state, on smaller windows one at a time; other orders apart. */
export function AdminOrdersPage() {
  const [params] = useSearchParams();
  const chosen = params.get("state") ?? "due";
  const other = Object.entries(otherStates).find(([name]) => name === chosen);
  return (
    <>
      <div className="mb-5 flex flex-wrap items-center justify-between gap-x-8 gap-y-3">
        <Heading title={t("admin.orders.title")} />
        <nav aria-label={t("admin.orders.states")} className="-mx-1 flex flex-wrap gap-1">
          {Object.entries(boardStates).map(([name, state]) => (
            <StateLink key={name} name={name} isChosen={name === chosen} className="lg:hidden">
              {orderStateName(state)}
            </StateLink>
          ))}
          <StateLink name="due" isChosen={!other} className="max-lg:hidden">
            {t("admin.orders.board")}
          </StateLink>
          {Object.entries(otherStates).map(([name, state]) => (
            <StateLink key={name} name={name} isChosen={name === chosen}>
              {orderStateName(state)}
            </StateLink>
          ))}
        </nav>
      </div>
      <div
        className={`grid grid-cols-[minmax(0,1fr)] items-start gap-5 ${other ? "" : "lg:grid-cols-4"}`}
      >
        {(other ? [other] : Object.entries(boardStates)).map(([name, state]) => (
          <BoardColumn key={name} state={state} isChosen={name === chosen} isAlone={!!other} />
        ))}
      </div>
    </>
  );
}

type StateLinkProps = { name: string; isChosen: boolean; className?: string; children: string };

function StateLink({ name, isChosen, className = "", children }: StateLinkProps) {
  return (
    <Link
      to={`?state=${name}`}
      replace
      aria-current={isChosen ? "true" : undefined}
      className={`flex min-h-11 items-center rounded-md px-3 text-sm font-semibold text-soft hover:bg-sunken hover:text-ink aria-[current=true]:bg-accent-wash aria-[current=true]:text-accent-deep ${className}`}
    >
      {children}
    </Link>
  );
}

type BoardColumnProps = { state: OrderState; isChosen: boolean; isAlone: boolean };

function BoardColumn({ state, isChosen, isAlone }: BoardColumnProps) {
  const query = useInfiniteQuery(ordersQuery({ userId: "-", state }));
  const title = orderStateName(state);
  return (
    <section
      aria-label={title}
      className={`min-w-0 lg:rounded-lg lg:bg-sunken lg:p-3 ${isChosen ? "" : "max-lg:hidden"}`}
    >
      <h2 className="mb-3 px-1 text-sm font-semibold max-lg:sr-only">{title}</h2>
      <InfiniteList
        label={title}
        query={query}
        keyOf={({ id }) => id}
        skeleton={<TextRowsSkeleton />}
        empty={<p className="px-1 py-6 text-sm text-faint">{t("admin.orders.empty")}</p>}
        className={`grid grid-cols-[minmax(0,1fr)] gap-3 ${isAlone ? "sm:grid-cols-2 lg:grid-cols-3" : "sm:max-lg:grid-cols-2"}`}
      >
        {(order) => <OrderCard order={order} />}
      </InfiniteList>
    </section>
  );
}
