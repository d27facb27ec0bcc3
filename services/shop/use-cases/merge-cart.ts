import type { ServiceImpl } from "@connectrpc/connect";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import { requireAccount } from "@plaza/kit/identity/caller";
import type { ServiceContext } from "../context.ts";
import { sha256 } from "../crypto/cart-token.ts";
import { mergeLines, newCart } from "../domain/cart.ts";
import { toCart } from "../mappers/cart.ts";
import * as store from "../store/carts.ts";

export function mergeCart(
  deps: ServiceContext,
): Pick<ServiceImpl<typeof ShopService>, "mergeCart"> {
  const { db, now, newId } = deps;
  return {
    async mergeCart({ cartToken }, context) {
      const owner = { userId: requireAccount(context).id };
      const guest = { tokenHash: sha256(cartToken) };
      return db.begin(async (tx) => {
        // Anonymous first, always: nobody who holds a member's cart waits for an anonymous one.
        const from = await store.lockCart(tx, guest);
        if (from) await store.insertCart(tx, newCart(newId(), owner.userId, now()), null);
        const before = await store.lockCart(tx, owner);
        if (!from || !before) {
          return toCart(before, before ? await store.listLines(tx, before.id) : [], owner);
        }
        const own = await store.listLines(tx, before.id);
        const other = await store.listLines(tx, from.id);
        const lines = mergeLines(own, other, before.version + 1n);
        // One for each line that may have come in, so that positions stay those of versions.
        const version = before.version + BigInt(Math.max(other.length, 1));
        const cart = { ...before, version, updateTime: now() };
        await store.saveCart(tx, cart, own, lines);
        await store.moveCartWrites(tx, from.id, before.id);
        await store.deleteCart(tx, guest);
        return toCart(cart, lines, owner);
      });
    },
  };
}
