import { Fault } from "@plaza/kit/errors/fault";
import { normalizeMarkdown, normalizeText } from "@plaza/kit/text/normalize-text";
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
import {
  type Actor,
  awaitedPaymentKinds,
  type OrderState,
  type OrderTransition,
} from "./order-state-machine.ts";
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

/** The recipient, the address, and the buyer's note. */
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

/** An order with its items and its timeline, oldest step first. */
export type OrderDetails = Order & {
  readonly items: readonly OrderItem[];
  readonly steps: readonly OrderStep[];
};

/** The account of the caller. */
type Account = { readonly id: string; readonly roles: readonly string[] };

/** What a buyer states at check-out. */
export type CheckOutDetails = DeliveryDetails & {
  readonly etag: string;
  readonly expectedTotalMinor?: bigint | undefined;
};

/** Turns a cart into an order. Throws when any line cannot be sold, or the cart or its total has changed. */
export function placeOrder(
  { cart, lines }: { readonly cart: Cart | undefined; readonly lines: readonly CartLine[] },
  products: readonly Product[],
  details: CheckOutDetails,
  created: Pick<Order, "id" | "userId" | "paymentMethod" | "createTime" | "expireTime">,
): OrderDetails {
  assertEtag(details.etag, cart);
  const items = lines.map(({ productId, quantity }): OrderItem => {
    const product = requireProduct(products, productId);
    if (!product.active) productRetired(productId);
    if (product.stock < quantity) notEnoughStock(product);
    if (product.maxQuantity < quantity) tooManyInCart(product);
    return { productId, name: product.name, quantity, priceMinor: product.priceMinor };
  });
  const [first] = products;
  if (!first || items.length === 0) cartEmpty();
  const totalMinor = totalOf(items);
  const { expectedTotalMinor = totalMinor, deliveryName, deliveryAddress, note } = details;
  if (expectedTotalMinor !== totalMinor) priceChanged(totalMinor);
  return {
    ...created,
    state: "pending_payment",
    totalMinor,
    currency: first.currency,
    deliveryName: normalizeText(deliveryName),
    deliveryAddress: normalizeMarkdown(deliveryAddress),
    note: normalizeMarkdown(note),
    updateTime: created.createTime,
    items,
    steps: [{ state: "pending_payment", actor: "buyer", note: "", createTime: created.createTime }],
  };
}

/** The order after a transition. */
export function advance(
  order: OrderDetails,
  { action, to: state }: OrderTransition,
  details: { readonly actor: Actor; readonly note: string },
  now: Date,
): OrderDetails {
  const isResult = action === "RecordPayment" || action === "RecordRefund";
  const isAwaited = isResult && awaitedPaymentKinds[order.state];
  // What the payment provider has done is the step of whoever asked for it.
  const { actor, note } = (isAwaited && order.steps.at(-1)) || details;
  const step: OrderStep = { state, actor, note: normalizeMarkdown(note), createTime: now };
  return { ...order, state, updateTime: now, steps: [...order.steps, step] };
}

export function isExpired({ state, expireTime }: Order, now: Date): boolean {
  return state === "pending_payment" && expireTime <= now;
}

export function isAdmin({ roles }: Account): boolean {
  return roles.includes("admin");
}

export function mayRead({ userId }: Pick<Order, "userId">, account: Account): boolean {
  return userId === account.id || isAdmin(account);
}

/** As whom an account that may read the order cancels it: only admins give up a payment, also their own. */
export function cancellerOf({ userId, state }: Order, account: Account): Actor {
  if (userId !== account.id) return "admin";
  return state === "confirming" && isAdmin(account) ? "admin" : "buyer";
}

export function noSuchOrder(id: string): never {
  throw new Fault("not_found", "NO_SUCH_ORDER", `no such order: "${id}"`);
}

export function notYourOrder(): never {
  throw new Fault(
    "forbidden",
    "NOT_YOUR_ORDER",
    "only the buyer and admins have access to an order",
  );
}

function cartEmpty(): never {
  throw new Fault("precondition", "CART_EMPTY", "the cart is empty");
}

function priceChanged(totalMinor: bigint): never {
  throw new Fault(
    "aborted",
    "PRICE_CHANGED",
    "the total has changed; review the cart and try again",
    {
      metadata: { total_minor: String(totalMinor) },
    },
  );
}
