import type { ServiceImpl } from "@connectrpc/connect";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import { accountOf } from "@plaza/kit/caller";
import { merge, newCart } from "./cart-domain.ts";
import * as store from "./cart-store.ts";
import { digestOf } from "./cart-token.ts";
import { toCart } from "./cart-wire.ts";
import type { Parts } from "./parts.ts";

export function mergeCart(parts: Parts): Pick<ServiceImpl<typeof ShopService>, "mergeCart"> {
  const { db, now, newId, lockCart } = parts;
  return {
    async mergeCart({ cartToken }, context) {
      const owner = { userId: accountOf(context).id };
      const guest = { tokenHash: digestOf(cartToken) };
      return db.begin(async (tx) => {
        // Anonymous first, always: nobody who holds a member's cart waits for an anonymous one.
        const from = await lockCart(tx, guest);
        if (from) await store.insertCart(tx, newCart(newId(), owner.userId, now()), null);
        const before = await lockCart(tx, owner);
        if (!from || !before) {
          return toCart(before, before ? await store.listLines(tx, before.id) : [], owner);
        }
        const cart = { ...before, version: before.version + 1n, updateTime: now() };
        const own = await store.listLines(tx, cart.id);
        const other = await store.listLines(tx, from.id);
        await store.saveItems(tx, cart.id, merge(own, other, cart.version));
        await store.saveCart(tx, cart);
        await store.deleteCart(tx, guest);
        return toCart(cart, await store.listLines(tx, cart.id), owner);
      });
    },
  };
}
