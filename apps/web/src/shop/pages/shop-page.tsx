import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { t } from "../../lib/messages.ts";
import { useSession } from "../../session/session.ts";
import { LinkButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { SearchField } from "../../ui/forms/search-field.tsx";
import { SortSelect } from "../../ui/forms/sort-select.tsx";
import { Heading } from "../../ui/heading.tsx";
import { InfiniteList } from "../../ui/infinite-list.tsx";
import { PageMeta } from "../../ui/page-meta.tsx";
import { ProductCard } from "../components/product-card.tsx";
import { ProductGridSkeleton } from "../components/product-skeletons.tsx";
import {
  type ProductOrdering,
  productOrderings,
  productSearchOrderings,
  productsQuery,
  toProductOrdering,
} from "../product-queries.ts";

export function ShopPage() {
  const [params, setParams] = useSearchParams();
  const search = params.get("q")?.trim() ?? "";
  const order = toProductOrdering(params.get("order"), search);
  const query = useInfiniteQuery(productsQuery({ search, order }));
  return (
    <>
      <PageMeta
        path="/shop"
        title={t("shop.common.shop")}
        description={t("shop.shop.description")}
      />
      <div className="mb-6 flex flex-wrap items-center justify-between gap-x-8 gap-y-4">
        <Heading title={t("shop.common.shop")} />
        <div className="flex w-full flex-wrap gap-3 sm:w-auto">
          <div className="min-w-40 flex-1 sm:w-72">
            <SearchField
              label={t("shop.shop.search")}
              value={search}
              maxLength={200}
              onSearch={(q) => setParams(toParams(q, order), { replace: true })}
            />
          </div>
          <SortSelect
            label={t("shop.shop.sort")}
            value={order}
            options={search ? productSearchOrderings : productOrderings}
            labelOf={(ordering) => t(`shop.productOrdering.${ordering}`)}
            onChange={(ordering) => setParams(toParams(search, ordering), { replace: true })}
          />
        </div>
      </div>
      <InfiniteList
        label={t("shop.common.products")}
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
    <EmptyState title={t("shop.shop.notFound")}>
      <LinkButton to="/shop" className="mt-2">
        {t("shop.shop.viewAll")}
      </LinkButton>
    </EmptyState>
  );
}

function NothingYet() {
  const isAdmin = useSession()?.isAdmin ?? false;
  return (
    <EmptyState title={t("shop.shop.empty")}>
      {isAdmin ? (
        <LinkButton to="/admin/products/new" variant="primary" className="mt-2">
          {t("shop.shop.addProduct")}
        </LinkButton>
      ) : (
        t("shop.shop.emptyHint")
      )}
    </EmptyState>
  );
}

function toParams(q: string, order: ProductOrdering): Record<string, string> {
  return { ...(q && { q }), ...(order !== "newest" && { order }) };
}
