import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type Product as ProductMessage,
  ProductOrder,
  type ProductPrice,
  ProductPriceSchema,
  ProductSchema,
} from "@plaza/contract/shop/v1/products";
import type { Ordering, Price, Product, Writable } from "../domain/product.ts";

/** The writable fields by their names in the contract. */
const writableFields = {
  name: "name",
  description: "description",
  price_minor: "priceMinor",
  max_quantity: "maxQuantity",
  picture_urls: "pictureUrls",
  active: "active",
} as const satisfies Record<string, keyof Writable>;

type WritableField = keyof typeof writableFields;

export const writable = Object.keys(writableFields) as WritableField[];

export function toProduct({ createTime, updateTime, ...product }: Product): ProductMessage {
  return create(ProductSchema, {
    ...product,
    pictureUrls: [...product.pictureUrls],
    createTime: timestampFromDate(createTime),
    updateTime: timestampFromDate(updateTime),
  });
}

export function toProductPrice({ priceMinor, currency, startTime }: Price): ProductPrice {
  const since = timestampFromDate(startTime);
  return create(ProductPriceSchema, { priceMinor, currency, startTime: since });
}

const orderings: Partial<Record<ProductOrder, Ordering>> = {
  [ProductOrder.NAME]: "name",
  [ProductOrder.CHEAPEST]: "cheapest",
  [ProductOrder.DEAREST]: "dearest",
};

export function fromProductOrder(order: ProductOrder): Ordering {
  return orderings[order] ?? "newest";
}

export function toChanges(
  product: ProductMessage,
  fields: readonly WritableField[],
): Partial<Writable> {
  const names = fields.map((field) => writableFields[field]);
  return Object.fromEntries(names.map((name) => [name, product[name]]));
}
