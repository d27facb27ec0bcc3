import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { Cart as CartMessage } from "@plaza/contract/shop/v1/carts";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import type { Tx } from "@plaza/kit/db";
import { among, type Cart, type Line, mustBe, newCart, put } from "./cart-domain.ts";
import { ownerOf } from "./cart-reads.ts";
import * as store from "./cart-store.ts";
import { digestOf, newCartToken } from "./cart-token.ts";
import { toCart } from "./cart-wire.ts";
import type { Parts } from "./parts.ts";
import { findProducts } from "./product-store.ts";
import { keyReused, type RequestKey, requestKey } from "./request-key.ts";

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

/** A cart that is held, with what is in it. */
type Held = { readonly cart: Cart; readonly lines: readonly Line[] };

export function cartWrites(parts: Parts): Pick<ServiceImpl<typeof ShopService>, Writes> {
  const { db, now, newId } = parts;

  /** Changes the caller's cart, once for each key. Somebody unknown without one gets one if `makes`. */
  async function change(
    request: Request,
    context: HandlerContext,
    makes: boolean,
    apply: (tx: Tx, held: Held) => Promise<void>,
  ): Promise<CartMessage> {
    const owner = ownerOf(request.cartToken, context);
    return db.begin(async (tx) => {
      const known = owner && (await parts.lockCart(tx, owner));
      const opened = known || !makes ? undefined : await open(tx, owner?.userId);
      const before = known ?? opened?.cart;
      const asked = [request.$typeName, request.productId, request.quantity, request.etag];
      const key = requestKey(request.idempotencyKey, ...asked);
      const isRepeated = before && key && (await hasRun(tx, before, key));
      if (!isRepeated) mustBe(request.etag, before);
      if (!before) return toCart(undefined, [], { userId: owner?.userId });
      let cart = before;
      if (!isRepeated) {
        cart = { ...before, version: before.version + 1n, updateTime: now() };
        await apply(tx, { cart, lines: await store.listLines(tx, cart.id) });
        await store.saveCart(tx, cart);
      }
      const lines = await store.listLines(tx, cart.id);
      return toCart(cart, lines, { userId: owner?.userId, cartToken: opened?.cartToken });
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

  async function putItem(tx: Tx, { cart, lines }: Held, productId: string, quantity: number) {
    const product = among(await findProducts(tx, [productId]), productId);
    const others = lines.filter((line) => line.productId !== productId);
    const item = put(lines, product, quantity, {
      currency: others[0]?.currency,
      position: cart.version,
    });
    await store.saveItems(tx, cart.id, [item]);
  }

  return {
    addCartItem: (request, context) =>
      change(request, context, true, async (tx, held) => {
        const productId = request.productId.toLowerCase();
        const there = held.lines.find((line) => line.productId === productId)?.quantity ?? 0;
        await putItem(tx, held, productId, there + request.quantity);
      }),

    setCartItem: (request, context) =>
      change(request, context, true, (tx, held) =>
        putItem(tx, held, request.productId.toLowerCase(), request.quantity),
      ),

    removeCartItem: (request, context) =>
      change(request, context, false, (tx, { cart }) =>
        store.deleteItem(tx, cart.id, request.productId),
      ),

    clearCart: (request, context) =>
      change(request, context, false, (tx, { cart }) => store.deleteItems(tx, cart.id)),
  };
}
