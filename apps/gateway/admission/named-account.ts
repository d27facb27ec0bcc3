import { Fault } from "@plaza/kit/errors/fault";
import type { RequestHead } from "../http/request-head.ts";

/**
 * Throws OTHER_ACCOUNT when the header `plaza-account` names another account than the authenticated one. A
 * page may show one account while the cookie is already another's (another tab signed in): the header binds
 * the call to an account or fails it.
 */
export function requireNamedAccount({ headers }: RequestHead, account: string | undefined): void {
  const named = headers["plaza-account"];
  if (named === undefined || named === account) return;
  const message = "the account in plaza-account is not the one that is signed in";
  throw new Fault("unauthenticated", "OTHER_ACCOUNT", message);
}
