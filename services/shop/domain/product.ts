import { nextUpdateTime } from "@plaza/kit/errors/etag";
import { Fault, fieldRequired } from "@plaza/kit/errors/fault";
import { foldText } from "@plaza/kit/text/fold-text";
import { normalizeMarkdown, normalizeText } from "@plaza/kit/text/normalize-text";
import { requireMarkdown } from "@plaza/kit/text/require-markdown";

/** The fields that admins write. */
export type ProductFields = {
  readonly name: string;
  readonly description: string;
  readonly priceMinor: bigint;
  readonly maxQuantity: number;
  readonly pictureUrls: readonly string[];
  readonly active: boolean;
};

export type Product = ProductFields & {
  readonly id: string;
  readonly currency: string;
  readonly stock: number;
  readonly createTime: Date;
  readonly updateTime: Date;
};

/** The price of a product since `startTime`. */
export type Price = {
  readonly id: string;
  readonly productId: string;
  readonly priceMinor: bigint;
  readonly currency: string;
  readonly startTime: Date;
};

export type ProductOrdering = "newest" | "name" | "cheapest" | "dearest";
export type ProductSearchOrdering = ProductOrdering | "relevance";

const defaultMaxQuantity = 99;
const maxStock = 1_000_000_000;

type NewProduct = Omit<ProductFields, "active"> & Pick<Product, "currency" | "stock">;

export function newProduct(id: string, content: NewProduct, now: Date): Product {
  const { currency, stock } = content;
  const fields = normalize({ ...content, active: true });
  requireMarkdown("product.description", content.description);
  return { id, ...fields, currency, stock, createTime: now, updateTime: now };
}

/** An unchanged description is not checked again: it may be older than a rule. */
export function edit(product: Product, changes: Partial<ProductFields>, now: Date): Product {
  const { description = product.description } = changes;
  if (description !== product.description) requireMarkdown("product.description", description);
  const updateTime = nextUpdateTime(product, now);
  return { ...product, ...normalize({ ...product, ...changes }), updateTime };
}

export function restock(product: Product, quantity: number): Product {
  const stock = product.stock + quantity;
  if (stock < 0 || stock > maxStock) stockOutOfRange(product.stock);
  return { ...product, stock };
}

/** The key by which products are sorted by name: É beside E, on any server. */
export function sortNameOf({ name }: Pick<Product, "name">): string {
  return foldText(name);
}

export function noSuchProduct(id: string): never {
  throw new Fault("not_found", "NO_SUCH_PRODUCT", `no such product: "${id}"`);
}

function stockOutOfRange(stock: number): never {
  throw new Fault(
    "precondition",
    "STOCK_OUT_OF_RANGE",
    `the stock must be from 0 to ${maxStock}, and is ${stock} now`,
    {
      metadata: { stock: String(stock) },
    },
  );
}

function normalize(fields: ProductFields): ProductFields {
  const { name, description, priceMinor, maxQuantity, pictureUrls, active } = fields;
  return {
    name: normalizeText(name) || fieldRequired("product.name"),
    description: normalizeMarkdown(description),
    priceMinor,
    maxQuantity: maxQuantity || defaultMaxQuantity,
    pictureUrls,
    active,
  };
}
