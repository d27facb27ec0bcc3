import { Fault } from "@plaza/kit/errors/fault";
import {
  assertEtag,
  type Cart,
  type CartLine,
  notEnoughStock,
  productRetired,
  requireProduct,
  tooManyInCart,
  totalOf,
} from "./cart.ts";
import type { Actor, OrderState, OrderTransition } from "./order-state-machine.ts";
import type { Product } from "./product.ts";

export type OrderItem = {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  readonly priceMinor: bigint;
};

export type OrderStep = {
  readonly state: OrderState;
  readonly actor: Actor;
  readonly note: string;
  readonly createTime: Date;
};

/** Where an order goes, and what its buyer says. */
export type DeliveryDetails = {
  readonly deliveryName: string;
  readonly deliveryAddress: string;
  readonly note: string;
};

export type Order = DeliveryDetails & {
  readonly id: string;
  /** Null when the buyer's account was deleted. */
  readonly userId: string | null;
  readonly state: OrderState;
  readonly totalMinor: bigint;
  readonly currency: string;
  readonly paymentMethod: string;
  readonly expireTime: Date;
  readonly createTime: Date;
  readonly updateTime: Date;
};

/** An order with what was bought and what has happened to it, in order. */
export type OrderDetails = Order & {
  readonly items: readonly OrderItem[];
  readonly steps: readonly OrderStep[];
};

/** Whoever is signed in. */
type Account = { readonly id: string; readonly roles: readonly string[] };

/** What a buyer asks for at check-out. */
type CheckOutDetails = DeliveryDetails & {
  readonly etag: string;
  readonly expectedTotalMinor?: bigint | undefined;
};

/** The order that a cart becomes. Throws when it cannot, as a whole or at all. */
export function placeOrder(
  { cart, lines }: { readonly cart: Cart | undefined; readonly lines: readonly CartLine[] },
  products: readonly Product[],
  wanted: CheckOutDetails,
  made: Pick<Order, "id" | "userId" | "paymentMethod" | "createTime" | "expireTime">,
): OrderDetails {
  assertEtag(wanted.etag, cart);
  const bought = lines.map(({ productId, quantity }): OrderItem => {
    const product = requireProduct(products, productId);
    if (!product.active) productRetired(productId);
    if (product.stock < quantity) notEnoughStock(product);
    if (product.maxQuantity < quantity) tooManyInCart(product);
    return { productId, name: product.name, quantity, priceMinor: product.priceMinor };
  });
  const [first] = products;
  if (!first || bought.length === 0) cartEmpty();
  const totalMinor = totalOf(bought);
  const { expectedTotalMinor = totalMinor, deliveryName, deliveryAddress, note } = wanted;
  if (expectedTotalMinor !== totalMinor) priceChanged(totalMinor);
  return {
    ...made,
    state: "pending_payment",
    totalMinor,
    currency: first.currency,
    deliveryName: deliveryName.trim(),
    deliveryAddress: deliveryAddress.trim(),
    note: note.trim(),
    updateTime: made.createTime,
    items: bought,
    steps: [{ state: "pending_payment", actor: "buyer", note: "", createTime: made.createTime }],
  };
}

/** The order after a step. */
export function advance(
  order: OrderDetails,
  { to: state }: OrderTransition,
  { actor, note }: { readonly actor: Actor; readonly note: string },
  now: Date,
): OrderDetails {
  const step: OrderStep = { state, actor, note: note.trim(), createTime: now };
  return { ...order, state, updateTime: now, steps: [...order.steps, step] };
}

export function isExpired({ state, expireTime }: Order, now: Date): boolean {
  return state === "pending_payment" && expireTime <= now;
}

export function mayRead({ userId }: Pick<Order, "userId">, account: Account): boolean {
  return userId === account.id || account.roles.includes("admin");
}

export function noSuchOrder(id: string): never {
  throw new Fault("not_found", "NO_SUCH_ORDER", `no such order: ${id}`);
}

export function notYourOrder(): never {
  throw new Fault("forbidden", "NOT_YOUR_ORDER", "only its buyer may see an order");
}

function cartEmpty(): never {
  throw new Fault("precondition", "CART_EMPTY", "there is nothing in the cart");
}

function priceChanged(totalMinor: bigint): never {
  throw new Fault("aborted", "PRICE_CHANGED", "the total is another one by now", {
    metadata: { total_minor: String(totalMinor) },
  });
}
