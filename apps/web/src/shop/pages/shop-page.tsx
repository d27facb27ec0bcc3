import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { useSession } from "../../session/session.ts";
import { LinkButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { controlClass } from "../../ui/forms/control-class.ts";
import { SearchField } from "../../ui/forms/search-field.tsx";
import { Heading } from "../../ui/heading.tsx";
import { InfiniteList } from "../../ui/infinite-list.tsx";
import { PageMeta } from "../../ui/page-meta.tsx";
import { ProductCard } from "../components/product-card.tsx";
import { ProductGridSkeleton } from "../components/product-skeletons.tsx";
import { type ProductOrdering, productsQuery, toProductOrdering } from "../product-queries.ts";

const orderingNames: Record<ProductOrdering, string> = {
  newest: "Newest first",
  name: "By name",
  cheapest: "Cheapest first",
  dearest: "Dearest first",
};

export function ShopPage() {
  const [params, setParams] = useSearchParams();
  const search = params.get("q")?.trim() ?? "";
  const order = toProductOrdering(params.get("order"));
  const query = useInfiniteQuery(productsQuery({ search, order }));
  return (
    <>
      <PageMeta
        path="/shop"
        title="Shop"
        description="What is on sale in the shop of this Plaza."
      />
      <div className="mb-6 flex flex-wrap items-center justify-between gap-x-8 gap-y-4">
        <Heading title="Shop" />
        <div className="flex w-full flex-wrap gap-3 sm:w-auto">
          <div className="min-w-40 flex-1 sm:w-72">
            <SearchField
              label="Search products"
              value={search}
              maxLength={200}
              onSearch={(q) => setParams(toParams(q, order), { replace: true })}
            />
          </div>
          {/* Search results are always newest first. */}
          <select
            aria-label="Order"
            value={search ? "newest" : order}
            disabled={search !== ""}
            title={search ? "Search results are shown newest first" : undefined}
            onChange={({ target }) =>
              setParams(toParams("", toProductOrdering(target.value)), { replace: true })
            }
            className={`min-h-11 max-w-40 disabled:opacity-60 ${controlClass}`}
          >
            {Object.entries(orderingNames).map(([ordering, name]) => (
              <option key={ordering} value={ordering}>
                {name}
              </option>
            ))}
          </select>
        </div>
      </div>
      <InfiniteList
        label="Products"
        query={query}
        keyOf={({ id }) => id}
        skeleton={<ProductGridSkeleton />}
        empty={search ? <NothingFound /> : <NothingYet />}
        className="grid grid-cols-2 gap-4 sm:gap-5 md:grid-cols-3 lg:grid-cols-4"
      >
        {(product) => <ProductCard product={product} />}
      </InfiniteList>
    </>
  );
}

function NothingFound() {
  return (
    <EmptyState title="No product has these words">
      <LinkButton to="/shop" className="mt-2">
        See everything
      </LinkButton>
    </EmptyState>
  );
}

function NothingYet() {
  const isAdmin = useSession()?.isAdmin ?? false;
  return (
    <EmptyState title="The shelves are empty">
      {isAdmin ? (
        <LinkButton to="/admin/products/new" variant="primary" className="mt-2">
          Put something on sale
        </LinkButton>
      ) : (
        "Nothing is on sale yet. Look in again another day."
      )}
    </EmptyState>
  );
}

function toParams(q: string, order: ProductOrdering): Record<string, string> {
  return { ...(q && { q }), ...(order !== "newest" && { order }) };
}
