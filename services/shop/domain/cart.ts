import { requireEtag } from "@plaza/kit/errors/etag";
import { Fault, invalidField } from "@plaza/kit/errors/fault";
import { noSuchProduct, type Product } from "./product.ts";

/** The owner of a cart: a member, or the holder of the token with this hash. */
export type CartOwner =
  | { readonly userId: string; readonly tokenHash?: never }
  | { readonly userId?: never; readonly tokenHash: Buffer };

export type Cart = {
  readonly id: string;
  readonly userId: string | null;
  /** Increases with every write. */
  readonly version: bigint;
  readonly updateTime: Date;
};

/** One product in a cart, with its current data. */
export type CartLine = Pick<
  Product,
  "name" | "priceMinor" | "currency" | "stock" | "maxQuantity" | "active"
> & {
  readonly productId: string;
  readonly pictureUrl: string;
  readonly quantity: number;
  /** The price when the quantity was last set. */
  readonly addedPriceMinor: bigint;
  /** The version of the cart that added the line. */
  readonly position: bigint;
};

export type Availability = "available" | "not_enough" | "too_many" | "sold_out" | "retired";

const maxCartProducts = 100;
const emptyCartEtag = '"0"';

export function newCart(id: string, userId: string | undefined, now: Date): Cart {
  return { id, userId: userId ?? null, version: 0n, updateTime: now };
}

/** The version of a cart. A cart without a write has the etag of no cart. */
export function etagOf(cart: Cart | undefined): string {
  return cart && cart.version > 0n ? `"${cart.id}.${cart.version}"` : emptyCartEtag;
}

export function assertEtag(etag: string, cart: Cart | undefined): void {
  requireEtag(etag, etagOf(cart), "CART_CHANGED");
}

/** Sets the quantity of a product; the line takes today's price. */
export function setLine(
  lines: readonly CartLine[],
  product: Product,
  quantity: number,
  position: bigint,
): CartLine[] {
  const { id, name, priceMinor, currency, stock, maxQuantity, active, pictureUrls } = product;
  const before = lines.find(({ productId }) => productId === id);
  const other = lines.find(({ productId }) => productId !== id);
  if (!active) productRetired(id);
  if (quantity > maxQuantity) quantityTooLarge(maxQuantity);
  if (quantity > stock) notEnoughStock(product);
  if (other && other.currency !== currency) otherCurrency(other.currency);
  if (!before && lines.length >= maxCartProducts) cartFull();
  const line: CartLine = {
    productId: id,
    name,
    pictureUrl: pictureUrls[0] ?? "",
    quantity,
    priceMinor,
    addedPriceMinor: priceMinor,
    currency,
    stock,
    maxQuantity,
    active,
    position: before?.position ?? position,
  };
  return before ? lines.map((one) => (one === before ? line : one)) : [...lines, line];
}

/** The quantity of a product; 0 when no line has it. */
export function quantityOf(lines: readonly CartLine[], id: string): number {
  return lines.find(({ productId }) => productId === id)?.quantity ?? 0;
}

/** Merges another cart's lines, capped at each product's maximum. New lines come last, from `position` on. */
export function mergeLines(
  own: readonly CartLine[],
  other: readonly CartLine[],
  position: bigint,
): CartLine[] {
  const [first, ...rest] = [...own, ...other];
  const foreign = rest.find(({ currency }) => currency !== first?.currency);
  if (first && foreign) otherCurrency(first.currency);
  const otherById = new Map(other.map((line) => [line.productId, line]));
  const kept = own.map((line) => {
    const more = otherById.get(line.productId);
    if (!more) return line;
    const sum = Math.min(line.quantity + more.quantity, line.maxQuantity);
    const quantity = Math.max(line.quantity, sum);
    return { ...line, quantity, addedPriceMinor: more.addedPriceMinor };
  });
  const added = other.filter(({ productId }) => quantityOf(own, productId) === 0);
  if (added.length > 0 && own.length + added.length > maxCartProducts) cartFull();
  return [...kept, ...added.map((line, n) => ({ ...line, position: position + BigInt(n) }))];
}

export function availabilityOf({ active, stock, quantity, maxQuantity }: CartLine): Availability {
  if (!active) return "retired";
  if (stock === 0) return "sold_out";
  if (stock < quantity && stock <= maxQuantity) return "not_enough";
  return maxQuantity < quantity ? "too_many" : "available";
}

export function totalOf(
  lines: readonly { readonly quantity: number; readonly priceMinor: bigint }[],
): bigint {
  return lines.reduce((sum, { quantity, priceMinor }) => sum + BigInt(quantity) * priceMinor, 0n);
}

/** The product with this id. Throws NO_SUCH_PRODUCT. */
export function requireProduct(products: readonly Product[], id: string): Product {
  return products.find((product) => product.id === id) ?? noSuchProduct(id);
}

export function productRetired(id: string): never {
  throw new Fault("precondition", "PRODUCT_RETIRED", "this product is no longer on sale", {
    metadata: { product_id: id },
  });
}

export function notEnoughStock({ id, stock }: Pick<Product, "id" | "stock">): never {
  const message = stock > 0 ? `only ${stock} left in stock` : "this product is sold out";
  throw new Fault("precondition", "NOT_ENOUGH_STOCK", message, {
    metadata: { product_id: id, stock: String(stock) },
  });
}

function quantityTooLarge(max: number): never {
  throw invalidField("quantity", "QUANTITY_TOO_LARGE", `must be at most ${max} for this product`);
}

export function tooManyInCart({ id, maxQuantity }: Pick<Product, "id" | "maxQuantity">): never {
  throw new Fault(
    "precondition",
    "TOO_MANY_IN_CART",
    `a cart can hold at most ${maxQuantity} of this product`,
    {
      metadata: { product_id: id, max_quantity: String(maxQuantity) },
    },
  );
}

function otherCurrency(currency: string): never {
  const message = `the cart has prices in ${currency}; order its items or remove them first`;
  throw new Fault("precondition", "OTHER_CURRENCY", message, {
    metadata: { currency },
  });
}

function cartFull(): never {
  throw new Fault(
    "precondition",
    "CART_FULL",
    `a cart can hold at most ${maxCartProducts} different products`,
  );
}
