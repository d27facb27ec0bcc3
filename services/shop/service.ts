import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import { ProductCreatedSchema } from "@plaza/contract/shop/v1/events";
import { ProductSchema, type ProductService } from "@plaza/contract/shop/v1/shop";
import { batchedReads } from "@plaza/kit/batch";
import { accountOf } from "@plaza/kit/caller";
import { announce } from "@plaza/kit/events";
import { prune, readMask } from "@plaza/kit/mask";
import type { Deps } from "@plaza/kit/service";
import { mayRead, noSuchProduct, notYourProduct, type Product, sameRequest } from "./domain.ts";
import * as store from "./store.ts";

export function productService({ db, now, newId }: Deps): ServiceImpl<typeof ProductService> {
  const findProduct = batchedReads({
    read: (ids: string[]) => store.findProducts(db, ids),
    keyOf: ({ id }) => id,
  });

  return {
    async createProduct({ text, idempotencyKey: key }, context) {
      const ownerId = accountOf(context).id;
      const product: Product = { id: newId(), ownerId, text: text.trim(), createTime: now() };
      const isNew = await db.begin(async (tx) => {
        if (!(await store.insertProduct(tx, product, key || null))) return false;
        await announce(tx, ProductCreatedSchema, { productId: product.id, ownerId }, product.id);
        return true;
      });
      if (isNew) return toProduct(product);
      return toProduct(sameRequest(await store.findProductByKey(db, ownerId, key), product));
    },

    async getProduct(request, context) {
      const mask = readMask(ProductSchema, request.readMask);
      const product = (await findProduct(request.id.toLowerCase())) ?? noSuchProduct(request.id);
      if (!mayRead(product, accountOf(context))) notYourProduct();
      return prune(ProductSchema, toProduct(product), mask);
    },
  };
}

function toProduct({ createTime, ...product }: Product) {
  return create(ProductSchema, { ...product, createTime: timestampFromDate(createTime) });
}
