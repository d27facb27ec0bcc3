import { ProductOrder } from "@plaza/contract/shop/v1/products";
import { infiniteQueryOptions } from "@tanstack/react-query";
import { shop } from "../lib/clients.ts";
import { pageOptions } from "../lib/list-queries.ts";

/**
 * All products by name, retired ones too, for admins. The key begins like the shop's lists, so that `cacheProduct`
 * refreshes it.
 */
export const managedProductsQuery = infiniteQueryOptions({
  queryKey: ["products", "managed"],
  queryFn: ({ pageParam: pageToken, signal }) =>
    shop.listProducts({ order: ProductOrder.NAME, showRetired: true, pageToken }, { signal }),
  ...pageOptions,
  select: ({ pages }) => pages.flatMap((page) => page.products),
});
