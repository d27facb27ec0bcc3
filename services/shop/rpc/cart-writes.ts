import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { Cart as CartMessage } from "@plaza/contract/shop/v1/carts";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import type { Tx } from "@plaza/kit/db/database";
import { requireUndeletedUser } from "@plaza/kit/db/deleted-users";
import { idempotencyKeyReused } from "@plaza/kit/errors/fault";
import { requireAccount } from "@plaza/kit/identity/caller";
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
import { mergeCart } from "../use-cases/merge-cart.ts";
import { cartOwnerOf } from "./cart-owner.ts";

type Writes = "addCartItem" | "setCartItem" | "removeCartItem" | "clearCart" | "mergeCart";

/** Fields of the requests that write to a cart. */
type CartWriteRequest = {
  readonly $typeName: string;
  readonly cartToken: string;
  readonly etag: string;
  readonly idempotencyKey: string;
  readonly productId?: string;
  readonly quantity?: number;
};

/** What a write changes. */
type CartEdit = {
  /** The product to put into the cart; a caller without a cart gets one for it. */
  readonly productId?: string;
  apply(
    lines: readonly CartLine[],
    products: readonly Product[],
    position: bigint,
  ): readonly CartLine[];
};

export function cartWrites(deps: ServiceContext): Pick<ServiceImpl<typeof ShopService>, Writes> {
  const { db, now, newId } = deps;

  /** Changes the caller's cart, once per idempotency key. */
  async function changeCart(
    request: CartWriteRequest,
    context: HandlerContext,
    { productId, apply }: CartEdit,
  ): Promise<CartMessage> {
    const owner = cartOwnerOf(request.cartToken, context);
    const content = [request.$typeName, request.productId, request.quantity, request.etag];
    const key = createIdempotencyKey(request.idempotencyKey, ...content);
    return db.begin(async (tx) => {
      if (owner?.userId) await requireUndeletedUser(tx, owner.userId);
      const existing = owner && (await store.lockCart(tx, owner));
      const opened = existing || !productId ? undefined : await openCart(tx, owner?.userId);
      const access = { userId: owner?.userId, cartToken: opened?.cartToken };
      const before = existing ?? opened?.cart;
      const [lines, products, isRetry] = await Promise.all([
        before ? store.listLines(tx, before.id) : [],
        productId ? findProducts(tx, [productId]) : [],
        before && key ? isDuplicate(tx, before, key) : false,
      ]);
      if (isRetry) return toCart(before, lines, access);
      assertEtag(request.etag, before);
      if (!before) return toCart(undefined, [], access);
      const cart = { ...before, version: before.version + 1n, updateTime: now() };
      const after = apply(lines, products, cart.version);
      await store.saveCart(tx, cart, lines, after);
      return toCart(cart, after, access);
    });
  }

  /**
   * Opens a member's cart, or an anonymous one under a new token: a token that names no cart may have
   * been planted by another person.
   */
  async function openCart(tx: Tx, userId: string | undefined) {
    const cart = newCart(newId(), userId, now());
    const cartToken = newCartToken();
    await store.insertCart(tx, cart, userId ? null : sha256(cartToken));
    // Of two concurrent first writes one has inserted the cart; both write to that one.
    const locked = userId && (await store.lockCart(tx, { userId }));
    return { cart: locked || cart, cartToken: userId ? undefined : cartToken };
  }

  /** Records the key. True when the same request was made before; throws KEY_REUSED for another. */
  async function isDuplicate(tx: Tx, cart: Cart, key: IdempotencyKey) {
    const earlier = await store.insertCartWrite(tx, cart.id, key, now());
    if (earlier !== undefined && earlier !== key.digest) idempotencyKeyReused();
    return earlier !== undefined;
  }

  function setItemQuantity(
    request: CartWriteRequest & { readonly productId: string },
    context: HandlerContext,
    quantityAfter: (before: number) => number,
  ): Promise<CartMessage> {
    const id = request.productId.toLowerCase();
    return changeCart(request, context, {
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
      setItemQuantity(request, context, (before) => before + request.quantity),

    setCartItem: (request, context) => setItemQuantity(request, context, () => request.quantity),

    removeCartItem(request, context) {
      const id = request.productId.toLowerCase();
      const apply = (lines: readonly CartLine[]) => lines.filter((one) => one.productId !== id);
      return changeCart(request, context, { apply });
    },

    clearCart: (request, context) => changeCart(request, context, { apply: () => [] }),

    async mergeCart({ cartToken }, context) {
      const owner = { userId: requireAccount(context).id };
      const { cart, lines } = await mergeCart(deps, owner, { tokenHash: sha256(cartToken) });
      return toCart(cart, lines, owner);
    },
  };
}
