import type { ServiceImpl } from "@connectrpc/connect";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import type { ServiceContext } from "../context.ts";
import type { CartOwner } from "../domain/cart.ts";
import { toCart } from "../mappers/cart.ts";
import * as store from "../store/carts.ts";
import { cartOwnerOf } from "./cart-owner.ts";

type Reads = "getMyCart" | "getCart";

export function cartReads({ db }: ServiceContext): Pick<ServiceImpl<typeof ShopService>, Reads> {
  async function present(owner: CartOwner | undefined) {
    const found = owner && (await store.findCart(db, owner));
    return toCart(found?.cart, found?.lines ?? [], { userId: owner?.userId });
  }

  return {
    getMyCart: ({ cartToken }, context) => present(cartOwnerOf(cartToken, context)),
    getCart: ({ userId }) => present({ userId: userId.toLowerCase() }),
  };
}
