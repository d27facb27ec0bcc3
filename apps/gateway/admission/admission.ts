import { Fault } from "@plaza/kit/errors/fault";
import { clientNetwork } from "@plaza/kit/identity/client-network";
import { traceparentOf } from "@plaza/kit/telemetry/spans";
import { clientAddressOf } from "../http/client-address.ts";
import type { Cookie } from "../http/cookies.ts";
import type { IncomingCall } from "../methods/call.ts";
import { cookieFieldHeader } from "../methods/cookie-fields.ts";
import type { CallQuota } from "./call-quota.ts";
import { requireSameOrigin } from "./csrf.ts";
import { requireNamedAccount } from "./named-account.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import type { SessionCache } from "./session-cache.ts";

/** What `createAdmission` takes. */
export type AdmissionOptions = {
  readonly rateLimiter: RateLimiter;
  /** Of each caller. */
  readonly streamQuota: CallQuota;
  /** Of each network, streams left out. */
  readonly callQuota: CallQuota;
  readonly sessionCache: SessionCache;
  readonly sessionCookie: Cookie;
  readonly trustedProxyCount: number;
  readonly publicOrigin: string | undefined;
};

/**
 * Admits a call, and returns the headers of the upstream call. Throws TOO_MANY_REQUESTS, TOO_MANY_CALLS,
 * TOO_MANY_STREAMS, CROSS_SITE_REQUEST, INVALID_TOKEN, INVALID_SESSION or OTHER_ACCOUNT.
 */
export type Admission = (call: IncomingCall) => Promise<Record<string, string>>;

/**
 * Creates the checks that run before a service sees a call: rate limits, CSRF, authentication, account and
 * stream quota. No header of the client is forwarded; the upstream headers are made here, so that no client
 * can impersonate the gateway.
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { rateLimiter, streamQuota, callQuota, sessionCookie, trustedProxyCount, publicOrigin } =
    options;
  return async (call) => {
    const { request, access, span } = call;
    const address = clientAddressOf(request, trustedProxyCount);
    await rateLimiter.limitAddress(address, access.quotas?.cost);
    if (access.quotas) await rateLimiter.limitMethodByNetwork(address, access.name, access.quotas);
    if (!access.isStream) call.onEnd(callQuota.acquire(clientNetwork(address)));
    const secret = sessionCookie.read(request.headers.cookie);
    const cookieFieldValue = access.cookieField?.read(request);
    requireSameOrigin(request, {
      hasCookie: Boolean(secret || cookieFieldValue),
      setsCookie: access.setsSessionCookie || access.cookieField !== undefined,
      publicOrigin,
    });
    const headers: Record<string, string> = {
      traceparent: traceparentOf(span),
      "plaza-address": address,
    };
    if (cookieFieldValue !== undefined) headers[cookieFieldHeader] = cookieFieldValue;
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
      await rateLimiter.limitMethodByCaller(account, address, access.name, access.quotas);
    if (access.isStream) call.onEnd(streamQuota.acquire(account ?? clientNetwork(address)));
    return headers;
  };
}

/** A client that sends a token is never treated as anonymous: an invalid token is 401 even for public methods. */
async function authenticateBearer(authorization: string, { sessionCache }: AdmissionOptions) {
  const [, credential] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const resolved = credential ? await sessionCache.resolve(credential) : undefined;
  if (resolved) return resolved;
  throw new Fault("unauthenticated", "INVALID_TOKEN", "the token is not valid, or no longer");
}

/** Browsers cannot help sending an expired cookie: it is cleared, and public methods go on anonymously. */
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
