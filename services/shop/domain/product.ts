import { Fault, invalidField } from "@plaza/kit/errors/fault";

/** What an admin writes of a product. */
export type Writable = {
  readonly name: string;
  readonly description: string;
  readonly priceMinor: bigint;
  readonly maxQuantity: number;
  readonly pictureUrls: readonly string[];
  readonly active: boolean;
};

export type Product = Writable & {
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
export type Ordering = "newest" | "name" | "cheapest" | "dearest";

const mostInOneCart = 99;
const mostInStock = 1_000_000_000;

type New = Omit<Writable, "active"> & Pick<Product, "currency" | "stock">;

export function offer(id: string, wanted: New, now: Date): Product {
  const { currency, stock } = wanted;
  const written = finish({ ...wanted, active: true });
  return { id, ...written, currency, stock, createTime: now, updateTime: now };
}

export function edit(product: Product, changes: Partial<Writable>, now: Date): Product {
  return { ...product, ...finish({ ...product, ...changes }), updateTime: now };
}

export function restock(product: Product, quantity: number): Product {
  const stock = product.stock + quantity;
  if (stock < 0 || stock > mostInStock) stockOutOfRange(product.stock);
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
    facts: { stock: String(stock) },
  });
}

function finish(written: Writable): Writable {
  const { name, description, priceMinor, maxQuantity, pictureUrls, active } = written;
  return {
    name: name.trim() || blank("product.name"),
    description,
    priceMinor,
    maxQuantity: maxQuantity || mostInOneCart,
    pictureUrls,
    active,
  };
}

function blank(field: string): never {
  throw invalidField(field, "FIELD_REQUIRED", "must not be blank");
}
