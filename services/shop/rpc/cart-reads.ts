import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import { callerOf } from "@plaza/kit/identity/caller";
import type { ServiceContext } from "../context.ts";
import { isCartToken, sha256 } from "../crypto/cart-token.ts";
import type { CartOwner } from "../domain/cart.ts";
import { toCart } from "../mappers/cart.ts";
import * as store from "../store/carts.ts";

type Reads = "getMyCart" | "getCart";

export function cartReads({ db }: ServiceContext): Pick<ServiceImpl<typeof ShopService>, Reads> {
  async function show(owner: CartOwner | undefined) {
    const found = owner && (await store.findCart(db, owner));
    return toCart(found?.cart, found?.lines ?? [], { userId: owner?.userId });
  }

  return {
    getMyCart: ({ cartToken }, context) => show(cartOwnerOf(cartToken, context)),
    getCart: ({ userId }) => show({ userId: userId.toLowerCase() }),
  };
}

/** Whose cart a call is about: the member's who calls, or that which the secret names. */
export function cartOwnerOf(cartToken: string, context: HandlerContext): CartOwner | undefined {
  const { account } = callerOf(context);
  if (account) return { userId: account.id };
  return isCartToken(cartToken) ? { tokenHash: sha256(cartToken) } : undefined;
}
