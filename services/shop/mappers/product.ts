import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type Product as ProductMessage,
  ProductOrder,
  type ProductPrice,
  ProductPriceSchema,
  ProductSchema,
} from "@plaza/contract/shop/v1/products";
import type { Price, Product, ProductFields, ProductOrdering } from "../domain/product.ts";

/** The writable fields by their names in the contract. */
const fieldsByPath = {
  name: "name",
  description: "description",
  price_minor: "priceMinor",
  max_quantity: "maxQuantity",
  picture_urls: "pictureUrls",
  active: "active",
} as const satisfies Record<string, keyof ProductFields>;

type WritablePath = keyof typeof fieldsByPath;

export const writablePaths = Object.keys(fieldsByPath) as WritablePath[];

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

const orderingsByProto: Partial<Record<ProductOrder, ProductOrdering>> = {
  [ProductOrder.NAME]: "name",
  [ProductOrder.CHEAPEST]: "cheapest",
  [ProductOrder.DEAREST]: "dearest",
};

export function fromProductOrder(order: ProductOrder): ProductOrdering {
  return orderingsByProto[order] ?? "newest";
}

export function toChanges(
  product: ProductMessage,
  fields: readonly WritablePath[],
): Partial<ProductFields> {
  const names = fields.map((field) => fieldsByPath[field]);
  return Object.fromEntries(names.map((name) => [name, product[name]]));
}
