import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
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
        <Heading title="Products" />
        <LinkButton to="/admin/products/new" variant="primary">
          <Plus className="size-4.5" aria-hidden />
          New product
        </LinkButton>
      </div>
      <div
        aria-hidden
        className={`hidden gap-x-4 border-b border-line pb-2 text-xs text-faint md:grid ${productColumnsClass}`}
      >
        <span className="col-span-2">Product</span>
        <span>Price</span>
        <span>Stock</span>
        <span>Most in a cart</span>
        <span>On sale</span>
      </div>
      <InfiniteList
        label="Products"
        query={query}
        keyOf={({ id }) => id}
        skeleton={<PictureRowsSkeleton />}
        empty={<EmptyState title="Nothing is on sale yet">Begin with a first product.</EmptyState>}
      >
        {(product) => <ManagedProductRow product={product} />}
      </InfiniteList>
    </>
  );
}
