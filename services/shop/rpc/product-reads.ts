import type { ServiceImpl } from "@connectrpc/connect";
import { ProductSchema } from "@plaza/contract/shop/v1/products";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import { batchedReads } from "@plaza/kit/db/batch";
import { callerOf, hasRole } from "@plaza/kit/identity/caller";
import { parseReadMask, prune } from "@plaza/kit/rpc/field-mask";
import {
  maxUuid,
  pageSize,
  paginate,
  parsePageToken,
  uuidPattern,
} from "@plaza/kit/rpc/pagination";
import { searchPage } from "@plaza/kit/rpc/search-page";
import type { ServiceContext } from "../context.ts";
import {
  noSuchProduct,
  type Product,
  type ProductOrdering,
  sortNameOf,
} from "../domain/product.ts";
import {
  fromProductOrder,
  fromProductSearchOrder,
  toProduct,
  toProductPrice,
} from "../mappers/product.ts";
import * as store from "../store/products.ts";

type Reads = "getProduct" | "listProducts" | "searchProducts" | "listProductPrices";

/** The key of a product in each ordering, and the patterns of its parts in a page token. */
const pageKeys: Record<
  ProductOrdering,
  { of: (product: Product) => string[]; patterns: RegExp[] }
> = {
  newest: { of: ({ id }) => [id], patterns: [uuidPattern] },
  // PostgreSQL stores no NUL, and UTF-8 cannot encode a lone surrogate.
  name: {
    of: (one) => [sortNameOf(one), one.id],
    patterns: [/^[^\0\p{Cs}]{0,500}$/u, uuidPattern],
  },
  cheapest: { of: priceKey, patterns: [/^\d{1,9}$/, uuidPattern] },
  dearest: { of: priceKey, patterns: [/^\d{1,9}$/, uuidPattern] },
};

export function productReads({ db }: ServiceContext): Pick<ServiceImpl<typeof ShopService>, Reads> {
  const findProduct = batchedReads({
    read: (ids: string[]) => store.findProducts(db, ids),
    keyOf: ({ id }) => id,
  });

  return {
    async getProduct(request) {
      const mask = parseReadMask(ProductSchema, request.readMask);
      const product = (await findProduct(request.id.toLowerCase())) ?? noSuchProduct(request.id);
      return prune(ProductSchema, toProduct(product), mask);
    },

    async listProducts(request, context) {
      const mask = parseReadMask(ProductSchema, request.readMask);
      const size = pageSize(request.pageSize);
      const by = fromProductOrder(request.order);
      const showsRetired = request.showRetired && hasRole(callerOf(context), "admin");
      const after = parsePageToken(request.pageToken, pageKeys[by].patterns) ?? [];
      const found = await store.listProducts(db, { by, showsRetired }, after, size + 1);
      const { rows, nextPageToken } = paginate(found, size, pageKeys[by].of);
      const products = rows.map((product) => prune(ProductSchema, toProduct(product), mask));
      return { products, nextPageToken };
    },

    async searchProducts(request) {
      const mask = parseReadMask(ProductSchema, request.readMask);
      const order = store.searchOrders[fromProductSearchOrder(request.order)];
      const { rows, nextPageToken } = await searchPage(db, request, order, store.searchProducts);
      const products = rows.map((product) => prune(ProductSchema, toProduct(product), mask));
      return { products, nextPageToken };
    },

    async listProductPrices(request) {
      const productId = request.productId.toLowerCase();
      const size = pageSize(request.pageSize);
      const [before = maxUuid] = parsePageToken(request.pageToken, [uuidPattern]) ?? [];
      if (!(await findProduct(productId))) noSuchProduct(productId);
      const found = await store.listPrices(db, productId, before, size + 1);
      const { rows, nextPageToken } = paginate(found, size, ({ id }) => [id]);
      return { prices: rows.map(toProductPrice), nextPageToken };
    },
  };
}

function priceKey({ priceMinor, id }: Product): string[] {
  return [String(priceMinor), id];
}
