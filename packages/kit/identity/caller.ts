import { createContextKey, type HandlerContext } from "@connectrpc/connect";
import { Fault } from "../errors/fault.ts";

/** A signed-in account, as its access token says. */
export type AccountCaller = {
  readonly id: string;
  readonly sessionId: string;
  readonly roles: readonly string[];
};

/** Who makes a call: possibly a service of Plaza, possibly on behalf of an account, possibly neither. */
export type Caller = {
  readonly account?: AccountCaller;
  readonly service?: string;
};

/** Somebody unknown. */
export const anonymousCaller: Caller = Object.freeze({});

/** The context value under which the chain leaves the caller for the handler. */
export const callerKey = createContextKey<Caller>(anonymousCaller, { description: "plaza.caller" });

/** Who makes this call. */
export function callerOf(context: HandlerContext): Caller {
  return context.values.get(callerKey);
}

/** The account that makes this call. Throws NOT_SIGNED_IN when there is none. */
export function requireAccount(context: HandlerContext): AccountCaller {
  return callerOf(context).account ?? notSignedIn();
}

/** Whether the caller holds the role. */
export function hasRole(caller: Caller, role: string): boolean {
  return caller.account?.roles.includes(role) ?? false;
}

/** The refusal of a call that needs an account. */
export function notSignedIn(): never {
  throw new Fault("unauthenticated", "NOT_SIGNED_IN", "sign in first");
}
