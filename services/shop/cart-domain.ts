import { Fault, invalidField } from "@plaza/kit/fault";
import { noSuchProduct, type Product } from "./product-domain.ts";

/** Whose a cart is: a member's, or that of whoever knows the secret with this hash. */
export type Owner =
  | { readonly userId: string; readonly tokenHash?: never }
  | { readonly userId?: never; readonly tokenHash: Buffer };

export type Cart = {
  readonly id: string;
  readonly userId: string | null;
  /** Counts the writes. */
  readonly version: bigint;
  readonly updateTime: Date;
};

/** What a cart says of one product. */
export type Item = {
  readonly productId: string;
  readonly quantity: number;
  readonly addedPriceMinor: bigint;
  readonly position: bigint;
};

/** An item with its product, as that is now. */
export type Line = Item &
  Pick<Product, "name" | "priceMinor" | "currency" | "stock" | "maxQuantity" | "active"> & {
    readonly pictureUrl: string;
  };

export type Availability = "available" | "not_enough" | "sold_out" | "retired";

const mostProducts = 100;
const noCart = "0";

export function newCart(id: string, userId: string | undefined, now: Date): Cart {
  return { id, userId: userId ?? null, version: 0n, updateTime: now };
}

/** The name of a cart's state. Carts without a write are alike, whether they are there or not. */
export function etagOf(cart: Cart | undefined): string {
  return cart && cart.version > 0n ? `${cart.id}.${cart.version}` : noCart;
}

export function mustBe(etag: string, cart: Cart | undefined): void {
  const current = etagOf(cart);
  if (etag === "" || etag === current) return;
  const message = "the cart was changed meanwhile; read it again";
  throw new Fault("aborted", "CART_CHANGED", message, { facts: { etag: current } });
}

/** The item after its quantity was set, by somebody who sees the product as it is. */
export function put(
  items: readonly Item[],
  product: Product,
  quantity: number,
  { currency, position }: { readonly currency: string | undefined; readonly position: bigint },
): Item {
  const before = items.find(({ productId }) => productId === product.id);
  if (!product.active) productRetired(product.id);
  if (quantity > product.maxQuantity) quantityTooLarge(product.maxQuantity);
  if (quantity > product.stock) notEnoughStock(product);
  if (currency !== undefined && currency !== product.currency) otherCurrency(currency);
  if (!before && items.length >= mostProducts) cartFull();
  return {
    productId: product.id,
    quantity,
    addedPriceMinor: product.priceMinor,
    position: before?.position ?? position,
  };
}

/** The items of a cart into which another one is poured; nothing is lost but what is above a product's maximum. */
export function merge(own: readonly Line[], other: readonly Line[], position: bigint): Item[] {
  const [first, ...rest] = [...own, ...other];
  const odd = rest.find(({ currency }) => currency !== first?.currency);
  if (first && odd) otherCurrency(first.currency);
  const before = new Map(own.map((line) => [line.productId, line]));
  const merged = other.map((line): Item => {
    const { quantity = 0, position: at = position } = before.get(line.productId) ?? {};
    const sum = Math.max(quantity, Math.min(quantity + line.quantity, line.maxQuantity));
    return { ...itemOf(line), quantity: sum, position: at };
  });
  const added = merged.filter(({ productId }) => !before.has(productId));
  if (added.length > 0 && own.length + added.length > mostProducts) cartFull();
  return merged;
}

function itemOf({ productId, quantity, addedPriceMinor, position }: Line): Item {
  return { productId, quantity, addedPriceMinor, position };
}

export function availabilityOf({ active, stock, quantity }: Line): Availability {
  if (!active) return "retired";
  if (stock === 0) return "sold_out";
  return stock < quantity ? "not_enough" : "available";
}

export function totalOf(
  lines: readonly { readonly quantity: number; readonly priceMinor: bigint }[],
): bigint {
  return lines.reduce((sum, { quantity, priceMinor }) => sum + BigInt(quantity) * priceMinor, 0n);
}

/** The product with this id among those found. */
export function among(products: readonly Product[], id: string): Product {
  return products.find((product) => product.id === id) ?? noSuchProduct(id);
}

export function productRetired(id: string): never {
  throw new Fault("precondition", "PRODUCT_RETIRED", "the product is not on sale any more", {
    facts: { product_id: id },
  });
}

export function notEnoughStock({ id, stock }: Pick<Product, "id" | "stock">): never {
  throw new Fault("precondition", "NOT_ENOUGH_STOCK", `only ${stock} are left`, {
    facts: { product_id: id, stock: String(stock) },
  });
}

function quantityTooLarge(most: number): never {
  throw invalidField("quantity", "QUANTITY_TOO_LARGE", `at most ${most} of it in one cart`);
}

function otherCurrency(currency: string): never {
  throw new Fault("precondition", "OTHER_CURRENCY", `the cart holds prices in ${currency}`, {
    facts: { currency },
  });
}

function cartFull(): never {
  throw new Fault("precondition", "CART_FULL", `a cart holds ${mostProducts} products at most`);
}
