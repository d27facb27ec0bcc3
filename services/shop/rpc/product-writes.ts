import type { ServiceImpl } from "@connectrpc/connect";
import {
  ProductCreatedSchema,
  ProductPriceChangedSchema,
  ProductRetiredSchema,
} from "@plaza/contract/shop/v1/events";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import type { Tx } from "@plaza/kit/db/database";
import { etagOf, requireEtag } from "@plaza/kit/errors/etag";
import { idempotencyKeyReused } from "@plaza/kit/errors/fault";
import { publish } from "@plaza/kit/events/outbox";
import { createIdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import type { ServiceContext } from "../context.ts";
import { edit, newProduct, noSuchProduct, type Product, restock } from "../domain/product.ts";
import { toProduct, toProductChanges } from "../mappers/product.ts";
import * as store from "../store/products.ts";

type Writes = "createProduct" | "updateProduct" | "restockProduct" | "retireProduct";

export function productWrites(deps: ServiceContext): Pick<ServiceImpl<typeof ShopService>, Writes> {
  const { db, now, newId } = deps;

  /** Changes a product that has the etag, records its price, and publishes changes of price and retirement. */
  function changeProduct(
    { id, etag }: { readonly id: string; readonly etag: string },
    apply: (before: Product) => Product,
  ): Promise<Product> {
    return db.begin(async (tx) => {
      const before = await lockProduct(tx, id);
      requireEtag(etag, etagOf(before));
      const after = apply(before);
      await store.saveProduct(tx, after);
      if (before.priceMinor !== after.priceMinor) {
        const { priceMinor, currency } = after;
        await store.insertPrice(tx, newPrice(newId(), after));
        const event = { productId: after.id, priceMinor, currency };
        await publish(tx, ProductPriceChangedSchema, event, after.id);
      }
      if (before.active && !after.active) {
        await publish(tx, ProductRetiredSchema, { productId: after.id }, after.id);
      }
      return after;
    });
  }

  return {
    async createProduct({ idempotencyKey, $typeName: _, ...content }) {
      const product = newProduct(newId(), content, now());
      const request = createIdempotencyKey(idempotencyKey, Object.entries(content).sort());
      const isNew = await db.begin(async (tx) => {
        if (!(await store.insertProduct(tx, product, request))) return false;
        await store.insertPrice(tx, newPrice(newId(), product));
        await publish(tx, ProductCreatedSchema, { productId: product.id }, product.id);
        return true;
      });
      if (isNew || !request) return toProduct(product);
      return toProduct(
        (await store.findProductByIdempotencyKey(db, request)) ?? idempotencyKeyReused(),
      );
    },

    async updateProduct({ product, updateMask }) {
      const values = product?.id ? product : noSuchProduct("");
      const changes = toProductChanges(values, updateMask);
      return toProduct(await changeProduct(values, (before) => edit(before, changes, now())));
    },

    async restockProduct({ id, quantity, idempotencyKey: key }) {
      const product = await db.begin(async (tx) => {
        const before = await lockProduct(tx, id);
        const earlier = key
          ? await store.insertRestock(tx, before.id, key, quantity, now())
          : undefined;
        if (earlier !== undefined) return earlier === quantity ? before : idempotencyKeyReused();
        const after = restock(before, quantity);
        await store.decrementStock(tx, [{ productId: after.id, quantity: -quantity }]);
        return after;
      });
      return toProduct(product);
    },

    async retireProduct(request) {
      await changeProduct(request, (before) =>
        before.active ? edit(before, { active: false }, now()) : before,
      );
      return {};
    },
  };
}

async function lockProduct(tx: Tx, id: string): Promise<Product> {
  const [product] = await store.lockProducts(tx, [id]);
  return product ?? noSuchProduct(id);
}

function newPrice(id: string, { id: productId, priceMinor, currency, updateTime }: Product) {
  return { id, productId, priceMinor, currency, startTime: updateTime };
}
