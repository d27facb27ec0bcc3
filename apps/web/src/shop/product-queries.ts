import { type Product, ProductOrder } from "@plaza/contract/shop/v1/products";
import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { shop } from "../lib/clients.ts";
import { pageOptions, refreshLists } from "../lib/list-queries.ts";

type ProductsPage = { products: Product[]; nextPageToken: string };

/** The sort orders of the shop by the value of the search parameter `order`. */
const orderByName = {
  newest: ProductOrder.NEWEST,
  name: ProductOrder.NAME,
  cheapest: ProductOrder.CHEAPEST,
  dearest: ProductOrder.DEAREST,
  relevance: ProductOrder.RELEVANCE,
};

export type ProductOrdering = keyof typeof orderByName;

export const productSearchOrderings = Object.keys(orderByName) as ProductOrdering[];
export const productOrderings = productSearchOrderings.filter((one) => one !== "relevance");

/** The sort order of a list or a search that a search parameter names; newest first for any other text. */
export function toProductOrdering(text: string | null, search: string): ProductOrdering {
  const orderings = search ? productSearchOrderings : productOrderings;
  return orderings.find((one) => one === text) ?? "newest";
}

/** What lists show of a product. */
const productListReadMask = {
  paths: ["id", "name", "price_minor", "currency", "stock", "picture_urls"],
};

/** The products on sale in a sort order, or those that a search finds. */
export function productsQuery({ search, order }: { search: string; order: ProductOrdering }) {
  return infiniteQueryOptions({
    queryKey: ["products", { search, order }],
    queryFn: ({ pageParam: pageToken, signal }): Promise<ProductsPage> =>
      search
        ? shop.searchProducts(
            { query: search, order: orderByName[order], pageToken, readMask: productListReadMask },
            { signal },
          )
        : shop.listProducts(
            { order: orderByName[order], pageToken, readMask: productListReadMask },
            { signal },
          ),
    ...pageOptions,
    select: ({ pages }) => pages.flatMap((page) => page.products),
  });
}

export function productQuery(id: string) {
  return queryOptions({
    queryKey: ["product", id],
    queryFn: ({ signal }) => shop.getProduct({ id }, { signal }),
  });
}

/** The prices of a product, newest first. */
export function productPricesQuery(productId: string) {
  return queryOptions({
    queryKey: ["product", productId, "prices"],
    queryFn: ({ signal }) => shop.listProductPrices({ productId }, { signal }),
  });
}

/** Writes a changed product to the cache, and refreshes the lists and its price history. */
export async function cacheProduct(client: QueryClient, product: Product): Promise<void> {
  client.setQueryData(productQuery(product.id).queryKey, product);
  await refreshLists(client, ["products"]);
  await client.invalidateQueries({ queryKey: ["product", product.id, "prices"] });
}
