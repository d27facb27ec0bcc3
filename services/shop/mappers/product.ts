import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type Product as ProductMessage,
  ProductOrder,
  type ProductPrice,
  ProductPriceSchema,
  ProductSchema,
} from "@plaza/contract/shop/v1/products";
import { etagOf } from "@plaza/kit/errors/etag";
import { writableFields } from "@plaza/kit/rpc/field-mask";
import type {
  Price,
  Product,
  ProductFields,
  ProductOrdering,
  ProductSearchOrdering,
} from "../domain/product.ts";

export const toProductChanges = writableFields(ProductSchema, {
  name: "name",
  description: "description",
  price_minor: "priceMinor",
  max_quantity: "maxQuantity",
  picture_urls: "pictureUrls",
  active: "active",
} as const satisfies Record<string, keyof ProductFields>);

export function toProduct({ createTime, updateTime, ...product }: Product): ProductMessage {
  return create(ProductSchema, {
    ...product,
    pictureUrls: [...product.pictureUrls],
    createTime: timestampFromDate(createTime),
    updateTime: timestampFromDate(updateTime),
    etag: etagOf({ updateTime }),
  });
}

export function toProductPrice({ priceMinor, currency, startTime }: Price): ProductPrice {
  const since = timestampFromDate(startTime);
  return create(ProductPriceSchema, { priceMinor, currency, startTime: since });
}

const orderingsByProto: Partial<Record<ProductOrder, ProductOrdering>> = {
  [ProductOrder.NAME]: "name",
  [ProductOrder.CHEAPEST]: "cheapest",
  [ProductOrder.DEAREST]: "dearest",
};

export function fromProductOrder(order: ProductOrder): ProductOrdering {
  return orderingsByProto[order] ?? "newest";
}

export function fromProductSearchOrder(order: ProductOrder): ProductSearchOrdering {
  return order === ProductOrder.RELEVANCE ? "relevance" : fromProductOrder(order);
}
