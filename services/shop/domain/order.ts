import { Fault } from "@plaza/kit/errors/fault";
import {
  among,
  type Cart,
  type Line,
  mustBe,
  notEnoughStock,
  productRetired,
  tooMany,
  totalOf,
} from "./cart.ts";
import type { Actor, OrderState, Transition } from "./order-state-machine.ts";
import type { Product } from "./product.ts";

export type OrderItem = {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  readonly priceMinor: bigint;
};

export type Step = {
  readonly state: OrderState;
  readonly actor: Actor;
  readonly note: string;
  readonly createTime: Date;
};

/** Where an order goes, and what its buyer says. */
export type Delivery = {
  readonly deliveryName: string;
  readonly deliveryAddress: string;
  readonly note: string;
};

export type Order = Delivery & {
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
export type WholeOrder = Order & {
  readonly items: readonly OrderItem[];
  readonly steps: readonly Step[];
};

/** Whoever is signed in. */
type Account = { readonly id: string; readonly roles: readonly string[] };

/** What a buyer asks for at check-out. */
type Wanted = Delivery & {
  readonly etag: string;
  readonly expectedTotalMinor?: bigint | undefined;
};

/** The order that a cart becomes. Throws when it cannot, as a whole or at all. */
export function place(
  { cart, lines }: { readonly cart: Cart | undefined; readonly lines: readonly Line[] },
  products: readonly Product[],
  wanted: Wanted,
  made: Pick<Order, "id" | "userId" | "paymentMethod" | "createTime" | "expireTime">,
): WholeOrder {
  mustBe(wanted.etag, cart);
  const bought = lines.map(({ productId, quantity }): OrderItem => {
    const product = among(products, productId);
    if (!product.active) productRetired(productId);
    if (product.stock < quantity) notEnoughStock(product);
    if (product.maxQuantity < quantity) tooMany(product);
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
  order: WholeOrder,
  { to: state }: Transition,
  { actor, note }: { readonly actor: Actor; readonly note: string },
  now: Date,
): WholeOrder {
  const step: Step = { state, actor, note: note.trim(), createTime: now };
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
    facts: { total_minor: String(totalMinor) },
  });
}
