import { requireUndeletedUser } from "@plaza/kit/db/deleted-users";
import type { ServiceContext } from "../context.ts";
import { type Cart, type CartLine, type CartOwner, mergeLines, newCart } from "../domain/cart.ts";
import * as store from "../store/carts.ts";

/** Moves the lines of an anonymous cart into a member's and deletes the anonymous one. */
export async function mergeCart(
  { db, now, newId }: Pick<ServiceContext, "db" | "now" | "newId">,
  member: CartOwner & { readonly userId: string },
  anonymous: CartOwner,
): Promise<{ readonly cart: Cart | undefined; readonly lines: readonly CartLine[] }> {
  return db.begin(async (tx) => {
    await requireUndeletedUser(tx, member.userId);
    // Always the anonymous one first: no transaction that has locked a member's cart waits for one.
    const from = await store.lockCart(tx, anonymous);
    if (from) await store.insertCart(tx, newCart(newId(), member.userId, now()), null);
    const before = await store.lockCart(tx, member);
    if (!from || !before) {
      return { cart: before, lines: before ? await store.listLines(tx, before.id) : [] };
    }
    const own = await store.listLines(tx, before.id);
    const other = await store.listLines(tx, from.id);
    const lines = mergeLines(own, other, before.version + 1n);
    // One version per line that may have been added, because positions are versions.
    const version = before.version + BigInt(Math.max(other.length, 1));
    const cart = { ...before, version, updateTime: now() };
    await store.saveCart(tx, cart, own, lines);
    await store.moveCartWrites(tx, from.id, before.id);
    await store.deleteCart(tx, anonymous);
    return { cart, lines };
  });
}
