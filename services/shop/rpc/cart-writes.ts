import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { Cart as CartMessage } from "@plaza/contract/shop/v1/carts";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import type { Tx } from "@plaza/kit/db/database";
import { idempotencyKeyReused } from "@plaza/kit/errors/fault";
import { createIdempotencyKey, type IdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import type { ServiceContext } from "../context.ts";
import { newCartToken, sha256 } from "../crypto/cart-token.ts";
import {
  assertEtag,
  type Cart,
  type CartLine,
  newCart,
  quantityOf,
  requireProduct,
  setLine,
} from "../domain/cart.ts";
import type { Product } from "../domain/product.ts";
import { toCart } from "../mappers/cart.ts";
import * as store from "../store/carts.ts";
import { findProducts } from "../store/products.ts";
import { cartOwnerOf } from "./cart-owner.ts";

type Writes = "addCartItem" | "setCartItem" | "removeCartItem" | "clearCart";

/** What every request that writes to a cart says. */
type CartWriteRequest = {
  readonly $typeName: string;
  readonly cartToken: string;
  readonly etag: string;
  readonly idempotencyKey: string;
  readonly productId?: string;
  readonly quantity?: number;
};

/** What a write does to a cart. */
type CartEdit = {
  /** The product that it puts there, for which somebody without a cart gets one. */
  readonly productId?: string;
  apply(
    lines: readonly CartLine[],
    products: readonly Product[],
    position: bigint,
  ): readonly CartLine[];
};

export function cartWrites(deps: ServiceContext): Pick<ServiceImpl<typeof ShopService>, Writes> {
  const { db, now, newId } = deps;

  /** Changes the caller's cart, once for each key. */
  async function change(
    request: CartWriteRequest,
    context: HandlerContext,
    { productId, apply }: CartEdit,
  ): Promise<CartMessage> {
    const owner = cartOwnerOf(request.cartToken, context);
    const asked = [request.$typeName, request.productId, request.quantity, request.etag];
    const key = createIdempotencyKey(request.idempotencyKey, ...asked);
    return db.begin(async (tx) => {
      const known = owner && (await store.lockCart(tx, owner));
      const opened = known || !productId ? undefined : await open(tx, owner?.userId);
      const shown = { userId: owner?.userId, cartToken: opened?.cartToken };
      const before = known ?? opened?.cart;
      const [lines, products, isRepeated] = await Promise.all([
        before ? store.listLines(tx, before.id) : [],
        productId ? findProducts(tx, [productId]) : [],
        before && key ? hasRun(tx, before, key) : false,
      ]);
      if (isRepeated) return toCart(before, lines, shown);
      assertEtag(request.etag, before);
      if (!before) return toCart(undefined, [], shown);
      const cart = { ...before, version: before.version + 1n, updateTime: now() };
      const after = apply(lines, products, cart.version);
      await store.saveCart(tx, cart, lines, after);
      return toCart(cart, after, shown);
    });
  }

  /** Opens a member's cart, or an anonymous one under a new secret: one that names no cart may be another's. */
  async function open(tx: Tx, userId: string | undefined) {
    const cart = newCart(newId(), userId, now());
    const cartToken = newCartToken();
    await store.insertCart(tx, cart, userId ? null : sha256(cartToken));
    // Of two first writes at once one made it, and both go on with that.
    const held = userId && (await store.lockCart(tx, { userId }));
    return { cart: held || cart, cartToken: userId ? undefined : cartToken };
  }

  async function hasRun(tx: Tx, cart: Cart, key: IdempotencyKey) {
    const earlier = await store.insertCartWrite(tx, cart.id, key, now());
    if (earlier !== undefined && earlier !== key.digest) idempotencyKeyReused();
    return earlier !== undefined;
  }

  function putItem(
    request: CartWriteRequest & { readonly productId: string },
    context: HandlerContext,
    quantityAfter: (before: number) => number,
  ): Promise<CartMessage> {
    const id = request.productId.toLowerCase();
    return change(request, context, {
      productId: id,
      apply: (lines, products, position) =>
        setLine(
          lines,
          requireProduct(products, id),
          quantityAfter(quantityOf(lines, id)),
          position,
        ),
    });
  }

  return {
    addCartItem: (request, context) =>
      putItem(request, context, (before) => before + request.quantity),

    setCartItem: (request, context) => putItem(request, context, () => request.quantity),

    removeCartItem(request, context) {
      const id = request.productId.toLowerCase();
      const apply = (lines: readonly CartLine[]) => lines.filter((one) => one.productId !== id);
      return change(request, context, { apply });
    },

    clearCart: (request, context) => change(request, context, { apply: () => [] }),
  };
}
