import type { HandlerContext } from "@connectrpc/connect";
import { callerOf } from "@plaza/kit/identity/caller";
import { isCartToken, sha256 } from "../crypto/cart-token.ts";
import type { CartOwner } from "../domain/cart.ts";

/** Whose cart a call is about: the member's who calls, or that which the secret names. */
export function cartOwnerOf(cartToken: string, context: HandlerContext): CartOwner | undefined {
  const { account } = callerOf(context);
  if (account) return { userId: account.id };
  return isCartToken(cartToken) ? { tokenHash: sha256(cartToken) } : undefined;
}
