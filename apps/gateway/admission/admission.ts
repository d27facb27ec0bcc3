import { Fault } from "@plaza/kit/errors/fault";
import { traceparentOf } from "@plaza/kit/telemetry/spans";
import { addressOf, networkOf } from "../http/client-address.ts";
import type { Cookie } from "../http/cookies.ts";
import type { Asked, Call } from "../methods/call.ts";
import { carriedHeader } from "../methods/cookie-fields.ts";
import { requireOwnOrigin } from "./csrf.ts";
import type { RateLimit } from "./rate-limiter.ts";
import type { Credentials } from "./session-cache.ts";
import type { StreamQuota } from "./stream-quota.ts";

/** What admission takes. */
export type AdmissionOptions = {
  readonly rateLimit: RateLimit;
  readonly streamQuota: StreamQuota;
  readonly credentials: Credentials;
  readonly cookie: Cookie;
  readonly trustedProxies: number;
  readonly publicOrigin: string | undefined;
};

/**
 * Lets a call in, and answers the headers under which it goes on to the service. Throws
 * TOO_MANY_REQUESTS, TOO_MANY_STREAMS, CROSS_SITE_REQUEST, INVALID_TOKEN, INVALID_SESSION or OTHER_ACCOUNT.
 */
export type Admit = (call: Call) => Promise<Record<string, string>>;

/**
 * What every call from outside goes through before a service sees it. Of the caller's own headers none
 * passes: services get what was made of them here, so that nobody outside can speak for the edge.
 */
export function createAdmission(options: AdmissionOptions): Admit {
  const { rateLimit, streamQuota, cookie, trustedProxies, publicOrigin } = options;
  return async (call) => {
    const { request, entry, span } = call;
    const address = addressOf(request, trustedProxies);
    rateLimit.ofAddress(address);
    if (entry.quotas) rateLimit.fromAddress(address, entry.name, entry.quotas);
    const secret = cookie.read(request.headers.cookie);
    const carried = entry.carried?.read(request);
    const hasCookie = Boolean(secret || carried);
    const asksForCookie = entry.signsIn || entry.carried !== undefined;
    requireOwnOrigin(request, hasCookie, asksForCookie, publicOrigin);
    const headers: Record<string, string> = {
      traceparent: traceparentOf(span),
      "plaza-address": address,
    };
    if (carried !== undefined) headers[carriedHeader] = carried;
    const userAgent = printable(request.headers["user-agent"]);
    if (userAgent) headers["plaza-user-agent"] = userAgent;
    const { authorization } = request.headers;
    const caller =
      authorization === undefined
        ? await callerOfCookie(secret, call, options)
        : await callerOfHeader(authorization, options);
    if (caller) headers["authorization"] = `Bearer ${caller.accessToken}`;
    const account = caller?.accountId;
    requireNamedAccount(request, account);
    if (entry.quotas) rateLimit.ofCaller(account, address, entry.name, entry.quotas);
    if (entry.isStream) call.onEnd(streamQuota.take(account ?? networkOf(address)));
    return headers;
  };
}

/** A client that sends a token means to be somebody: a bad one is refused even where nobody is fine. */
async function callerOfHeader(authorization: string, { credentials }: AdmissionOptions) {
  const [, credential] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const resolved = credential ? await credentials.resolve(credential) : undefined;
  if (resolved) return resolved;
  throw new Fault("unauthenticated", "INVALID_TOKEN", "the token is not valid, or no longer");
}

/** A browser cannot help sending an outdated cookie: it is told to forget it, and may read on. */
async function callerOfCookie(
  secret: string | undefined,
  { response, entry }: Call,
  { credentials, cookie }: AdmissionOptions,
) {
  if (!secret) return undefined;
  const resolved = await credentials.resolve(secret);
  if (resolved) {
    const { cookieMaxAge } = resolved;
    if (cookieMaxAge > 0) response.setHeader("set-cookie", cookie.set(secret, cookieMaxAge));
    return resolved;
  }
  response.setHeader("set-cookie", cookie.clear);
  if (entry.isPublic) return undefined;
  throw new Fault("unauthenticated", "INVALID_SESSION", "the session has ended; sign in again");
}

/**
 * A page may still show one account when another window has signed in to another, whose cookie its calls bear
 * from then on. One that names the account it is made for is made as that account, or not at all.
 */
function requireNamedAccount({ headers }: Asked, account: string | undefined): void {
  const named = headers["plaza-account"];
  if (named === undefined || named === account) return;
  const message = "this was asked for another account than the one that is signed in, if any";
  throw new Fault("unauthenticated", "OTHER_ACCOUNT", message);
}

function printable(userAgent: string | undefined): string | undefined {
  return userAgent?.slice(0, 300).replace(/[^\x20-\x7e]/g, "?");
}
