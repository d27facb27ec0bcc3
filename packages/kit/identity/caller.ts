import { createContextKey, type HandlerContext } from "@connectrpc/connect";
import { Fault } from "../errors/fault.ts";

/** How long an access token is valid. */
export const accessTokenTtlMs = 10 * 60_000;

/** The account of an access token. */
export type AccountCaller = {
  readonly id: string;
  readonly sessionId: string;
  readonly roles: readonly string[];
};

/** The authenticated caller: an account, a service of Plaza, a service on behalf of an account, or neither. */
export type Caller = {
  readonly account?: AccountCaller;
  /** When the access token of the account expires, in milliseconds since 1970. */
  readonly expiresAt?: number;
  readonly service?: string;
};

/** The caller of an unauthenticated request. */
export const anonymousCaller: Caller = Object.freeze({});

/** Context key under which the pipeline stores the caller. */
export const callerKey = createContextKey<Caller>(anonymousCaller, { description: "plaza.caller" });

/** The caller of this call. */
export function callerOf(context: HandlerContext): Caller {
  return context.values.get(callerKey);
}

/** The account of the caller. Throws NOT_SIGNED_IN when there is none. */
export function requireAccount(context: HandlerContext): AccountCaller {
  return callerOf(context).account ?? notSignedIn();
}

/** Whether the account of the caller has the role. */
export function hasRole(caller: Caller, role: string): boolean {
  return caller.account?.roles.includes(role) ?? false;
}

/** Throws NOT_SIGNED_IN. */
export function notSignedIn(): never {
  throw new Fault("unauthenticated", "NOT_SIGNED_IN", "you are not signed in; sign in first");
}
