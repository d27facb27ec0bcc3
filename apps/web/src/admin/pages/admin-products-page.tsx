import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { t } from "../../lib/messages.ts";
import { LinkButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Heading } from "../../ui/heading.tsx";
import { InfiniteList } from "../../ui/infinite-list.tsx";
import { PictureRowsSkeleton } from "../../ui/skeletons.tsx";
import { ManagedProductRow, productColumnsClass } from "../components/managed-product-row.tsx";
import { managedProductsQuery } from "../managed-product-queries.ts";

export function AdminProductsPage() {
  const query = useInfiniteQuery(managedProductsQuery);
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-4">
        <Heading title={t("admin.common.products")} />
        <LinkButton to="/admin/products/new" variant="primary">
          <Plus className="size-4.5" aria-hidden />
          {t("admin.common.addProduct")}
        </LinkButton>
      </div>
      <div
        aria-hidden
        className={`hidden gap-x-4 border-b border-line pb-2 text-xs text-faint md:grid ${productColumnsClass}`}
      >
        <span className="col-span-2">{t("admin.common.product")}</span>
        <span>{t("admin.common.price")}</span>
        <span>{t("admin.common.stock")}</span>
        <span>{t("admin.common.limit")}</span>
        <span>{t("admin.common.forSale")}</span>
      </div>
      <InfiniteList
        label={t("admin.common.products")}
        query={query}
        keyOf={({ id }) => id}
        skeleton={<PictureRowsSkeleton />}
        empty={
          <EmptyState title={t("admin.products.empty")}>{t("admin.products.emptyHint")}</EmptyState>
        }
      >
        {(product) => <ManagedProductRow product={product} />}
      </InfiniteList>
    </>
  );
}
