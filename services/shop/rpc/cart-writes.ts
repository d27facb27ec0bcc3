import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { Cart as CartMessage } from "@plaza/contract/shop/v1/carts";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import type { Tx } from "@plaza/kit/db/database";
import { keyReused } from "@plaza/kit/errors/fault";
import { type RequestKey, requestKey } from "@plaza/kit/rpc/idempotency-key";
import type { Parts } from "../context.ts";
import { digestOf, newCartToken } from "../crypto/cart-token.ts";
import { among, type Cart, type Line, mustBe, newCart, put, quantityIn } from "../domain/cart.ts";
import type { Product } from "../domain/product.ts";
import { toCart } from "../mappers/cart.ts";
import * as store from "../store/carts.ts";
import { findProducts } from "../store/products.ts";
import { ownerOf } from "./cart-reads.ts";

type Writes = "addCartItem" | "setCartItem" | "removeCartItem" | "clearCart";

/** What every request that writes to a cart says. */
type Request = {
  readonly $typeName: string;
  readonly cartToken: string;
  readonly etag: string;
  readonly idempotencyKey: string;
  readonly productId?: string;
  readonly quantity?: number;
};

/** What a write does to a cart. */
type Change = {
  /** The product that it puts there, for which somebody without a cart gets one. */
  readonly puts?: string;
  decide(lines: readonly Line[], products: readonly Product[], position: bigint): readonly Line[];
};

export function cartWrites(parts: Parts): Pick<ServiceImpl<typeof ShopService>, Writes> {
  const { db, now, newId } = parts;

  /** Changes the caller's cart, once for each key. */
  async function change(
    request: Request,
    context: HandlerContext,
    { puts, decide }: Change,
  ): Promise<CartMessage> {
    const owner = ownerOf(request.cartToken, context);
    const asked = [request.$typeName, request.productId, request.quantity, request.etag];
    const key = requestKey(request.idempotencyKey, ...asked);
    return db.begin(async (tx) => {
      const known = owner && (await parts.lockCart(tx, owner));
      const opened = known || !puts ? undefined : await open(tx, owner?.userId);
      const shown = { userId: owner?.userId, cartToken: opened?.cartToken };
      const before = known ?? opened?.cart;
      const [lines, products, isRepeated] = await Promise.all([
        before ? store.listLines(tx, before.id) : [],
        puts ? findProducts(tx, [puts]) : [],
        before && key ? hasRun(tx, before, key) : false,
      ]);
      if (isRepeated) return toCart(before, lines, shown);
      mustBe(request.etag, before);
      if (!before) return toCart(undefined, [], shown);
      const cart = { ...before, version: before.version + 1n, updateTime: now() };
      const after = decide(lines, products, cart.version);
      await store.saveCart(tx, cart, lines, after);
      return toCart(cart, after, shown);
    });
  }

  /** Opens a member's cart, or an anonymous one under a new secret: one that names no cart may be another's. */
  async function open(tx: Tx, userId: string | undefined) {
    const cart = newCart(newId(), userId, now());
    const cartToken = newCartToken();
    await store.insertCart(tx, cart, userId ? null : digestOf(cartToken));
    // Of two first writes at once one made it, and both go on with that.
    const held = userId && (await parts.lockCart(tx, { userId }));
    return { cart: held || cart, cartToken: userId ? undefined : cartToken };
  }

  async function hasRun(tx: Tx, cart: Cart, key: RequestKey) {
    const earlier = await store.insertWrite(tx, cart.id, key, now());
    if (earlier !== undefined && earlier !== key.digest) keyReused();
    return earlier !== undefined;
  }

  function putItem(
    request: Request & { readonly productId: string },
    context: HandlerContext,
    quantityAfter: (before: number) => number,
  ): Promise<CartMessage> {
    const id = request.productId.toLowerCase();
    return change(request, context, {
      puts: id,
      decide: (lines, products, position) =>
        put(lines, among(products, id), quantityAfter(quantityIn(lines, id)), position),
    });
  }

  return {
    addCartItem: (request, context) =>
      putItem(request, context, (before) => before + request.quantity),

    setCartItem: (request, context) => putItem(request, context, () => request.quantity),

    removeCartItem(request, context) {
      const id = request.productId.toLowerCase();
      const decide = (lines: readonly Line[]) => lines.filter((one) => one.productId !== id);
      return change(request, context, { decide });
    },

    clearCart: (request, context) => change(request, context, { decide: () => [] }),
  };
}
