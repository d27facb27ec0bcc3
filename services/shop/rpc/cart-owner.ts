import type { HandlerContext } from "@connectrpc/connect";
import { callerOf } from "@plaza/kit/identity/caller";
import { isCartToken, sha256 } from "../crypto/cart-token.ts";
import type { CartOwner } from "../domain/cart.ts";

/** The owner of the cart in a call: the member who calls, or the holder of the token. Undefined for neither. */
export function cartOwnerOf(cartToken: string, context: HandlerContext): CartOwner | undefined {
  const { account } = callerOf(context);
  if (account) return { userId: account.id };
  return isCartToken(cartToken) ? { tokenHash: sha256(cartToken) } : undefined;
}
