import { Fault, fieldRequired } from "@plaza/kit/errors/fault";

/** What an admin writes of a product. */
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

/** What a product cost from some time on. */
export type Price = {
  readonly id: string;
  readonly productId: string;
  readonly priceMinor: bigint;
  readonly currency: string;
  readonly startTime: Date;
};

/** How a list of products is ordered. */
export type ProductOrdering = "newest" | "name" | "cheapest" | "dearest";

const defaultMaxQuantity = 99;
const maxStock = 1_000_000_000;

type NewProduct = Omit<ProductFields, "active"> & Pick<Product, "currency" | "stock">;

export function newProduct(id: string, wanted: NewProduct, now: Date): Product {
  const { currency, stock } = wanted;
  const written = normalize({ ...wanted, active: true });
  return { id, ...written, currency, stock, createTime: now, updateTime: now };
}

export function edit(product: Product, changes: Partial<ProductFields>, now: Date): Product {
  return { ...product, ...normalize({ ...product, ...changes }), updateTime: now };
}

export function restock(product: Product, quantity: number): Product {
  const stock = product.stock + quantity;
  if (stock < 0 || stock > maxStock) stockOutOfRange(product.stock);
  return { ...product, stock };
}

/** The text by which products are in order of their names. */
export function sortNameOf({ name }: Pick<Product, "name">): string {
  return name.toLowerCase();
}

export function noSuchProduct(id: string): never {
  throw new Fault("not_found", "NO_SUCH_PRODUCT", `no such product: ${id}`);
}

function stockOutOfRange(stock: number): never {
  throw new Fault("precondition", "STOCK_OUT_OF_RANGE", "the stock cannot become that", {
    metadata: { stock: String(stock) },
  });
}

function normalize(written: ProductFields): ProductFields {
  const { name, description, priceMinor, maxQuantity, pictureUrls, active } = written;
  return {
    name: name.trim() || fieldRequired("product.name"),
    description,
    priceMinor,
    maxQuantity: maxQuantity || defaultMaxQuantity,
    pictureUrls,
    active,
  };
}
