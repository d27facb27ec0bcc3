import { Fault } from "@plaza/kit/errors/fault";
import { clientNetwork } from "@plaza/kit/identity/client-network";
import { traceparentOf } from "@plaza/kit/telemetry/spans";
import { clientAddressOf } from "../http/client-address.ts";
import type { Cookie } from "../http/cookies.ts";
import type { IncomingCall } from "../methods/call.ts";
import { cookieFieldHeader } from "../methods/cookie-fields.ts";
import { requireSameOrigin } from "./csrf.ts";
import { requireNamedAccount } from "./named-account.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import type { SessionCache } from "./session-cache.ts";
import type { StreamQuota } from "./stream-quota.ts";

/** What admission takes. */
export type AdmissionOptions = {
  readonly rateLimiter: RateLimiter;
  readonly streamQuota: StreamQuota;
  readonly sessionCache: SessionCache;
  readonly sessionCookie: Cookie;
  readonly trustedProxyCount: number;
  readonly publicOrigin: string | undefined;
};

/**
 * Lets a call in, and answers the headers under which it goes on to the service. Throws
 * TOO_MANY_REQUESTS, TOO_MANY_STREAMS, CROSS_SITE_REQUEST, INVALID_TOKEN, INVALID_SESSION or OTHER_ACCOUNT.
 */
export type Admission = (call: IncomingCall) => Promise<Record<string, string>>;

/**
 * What every call from outside goes through before a service sees it. Of the caller's own headers none
 * passes: services get what was made of them here, so that nobody outside can speak for the edge.
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { rateLimiter, streamQuota, sessionCookie, trustedProxyCount, publicOrigin } = options;
  return async (call) => {
    const { request, access, span } = call;
    const address = clientAddressOf(request, trustedProxyCount);
    rateLimiter.limitAddress(address);
    if (access.quotas) rateLimiter.limitMethodByNetwork(address, access.name, access.quotas);
    const secret = sessionCookie.read(request.headers.cookie);
    const carried = access.cookieField?.read(request);
    const hasCookie = Boolean(secret || carried);
    const asksForCookie = access.setsSessionCookie || access.cookieField !== undefined;
    requireSameOrigin(request, hasCookie, asksForCookie, publicOrigin);
    const headers: Record<string, string> = {
      traceparent: traceparentOf(span),
      "plaza-address": address,
    };
    if (carried !== undefined) headers[cookieFieldHeader] = carried;
    const userAgent = toPrintableAscii(request.headers["user-agent"]);
    if (userAgent) headers["plaza-user-agent"] = userAgent;
    const { authorization } = request.headers;
    const caller =
      authorization === undefined
        ? await authenticateCookie(secret, call, options)
        : await authenticateBearer(authorization, options);
    if (caller) headers["authorization"] = `Bearer ${caller.accessToken}`;
    const account = caller?.accountId;
    requireNamedAccount(request, account);
    if (access.quotas)
      rateLimiter.limitMethodByCaller(account, address, access.name, access.quotas);
    if (access.isStream) call.onEnd(streamQuota.acquire(account ?? clientNetwork(address)));
    return headers;
  };
}

/** A client that sends a token means to be somebody: a bad one is refused even where nobody is fine. */
async function authenticateBearer(authorization: string, { sessionCache }: AdmissionOptions) {
  const [, credential] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const resolved = credential ? await sessionCache.resolve(credential) : undefined;
  if (resolved) return resolved;
  throw new Fault("unauthenticated", "INVALID_TOKEN", "the token is not valid, or no longer");
}

/** A browser cannot help sending an outdated cookie: it is told to forget it, and may read on. */
async function authenticateCookie(
  secret: string | undefined,
  { response, access }: IncomingCall,
  { sessionCache, sessionCookie }: AdmissionOptions,
) {
  if (!secret) return undefined;
  const resolved = await sessionCache.resolve(secret);
  if (resolved) {
    const { cookieMaxAge } = resolved;
    if (cookieMaxAge > 0)
      response.setHeader("set-cookie", sessionCookie.serialize(secret, cookieMaxAge));
    return resolved;
  }
  response.setHeader("set-cookie", sessionCookie.expired);
  if (access.isPublic) return undefined;
  throw new Fault("unauthenticated", "INVALID_SESSION", "the session has ended; sign in again");
}

function toPrintableAscii(userAgent: string | undefined): string | undefined {
  return userAgent?.slice(0, 300).replace(/[^\x20-\x7e]/g, "?");
}
