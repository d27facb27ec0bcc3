import { clientNetwork } from "@plaza/kit/identity/client-network";
import { traceparentOf } from "@plaza/kit/telemetry/spans";
import { clientAddressOf, type TrustedProxies } from "../http/client-address.ts";
import type { Cookie } from "../http/cookies.ts";
import type { IncomingCall } from "../methods/call.ts";
import { cookieFieldHeader } from "../methods/cookie-fields.ts";
import type { CallQuota } from "./call-quota.ts";
import {
  bearerCredential,
  createSessionFinder,
  requireSameCaller,
  requireUsableSession,
} from "./caller-session.ts";
import { requireSameOrigin } from "./csrf.ts";
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
  readonly trustedProxies: TrustedProxies;
  readonly publicOrigin: string | undefined;
};

/** A call whose headers were admitted. Its session may end before its messages have arrived. */
export type AdmittedCall = {
  /**
   * The headers of the upstream call, once its first message is there. Throws INVALID_TOKEN, INVALID_SESSION or
   * OTHER_ACCOUNT.
   */
  upstreamHeaders(): Promise<Record<string, string>>;
  /** Admits a later message of a stream. Throws these, and INVALID_SESSION when the account has lost a role. */
  admitMessage(): Promise<void>;
};

/**
 * Admits a call when its headers are there. Throws TOO_MANY_REQUESTS, TOO_MANY_CALLS, TOO_MANY_STREAMS,
 * CROSS_SITE_REQUEST, INVALID_TOKEN, INVALID_SESSION or OTHER_ACCOUNT.
 */
export type Admission = (call: IncomingCall) => Promise<AdmittedCall>;

/**
 * Creates the checks that run before a service sees a call: rate limits, CSRF, authentication, account and
 * stream quota. No header of the client is forwarded; the upstream headers are made here, so that no client
 * can impersonate the gateway.
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { rateLimiter, streamQuota, callQuota, sessionCookie, trustedProxies, publicOrigin } =
    options;
  return async (call) => {
    const { request, response, access } = call;
    const address = clientAddressOf(request, trustedProxies);
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

    const { authorization } = request.headers;
    const cookie = authorization === undefined ? secret : undefined;
    const credential = authorization === undefined ? secret : bearerCredential(authorization);
    const findSession = createSessionFinder(options.sessionCache, credential);
    const requireUsable = (found: typeof session) =>
      requireUsableSession(call, found, Boolean(cookie));
    let session = await findSession();
    if (cookie && !session) response.setHeader("set-cookie", sessionCookie.expired);
    else if (cookie && session && session.cookieMaxAge > 0)
      response.setHeader("set-cookie", sessionCookie.serialize(cookie, session.cookieMaxAge));
    requireUsable(session);
    const account = session?.accountId;
    if (access.quotas)
      await rateLimiter.limitMethodByCaller(account, address, access.name, access.quotas);
    if (access.isStream) call.onEnd(streamQuota.acquire(account ?? clientNetwork(address)));

    const headers = anonymousHeaders(call, address, cookieFieldValue);
    return {
      async upstreamHeaders() {
        session = await findSession();
        requireUsable(session);
        return session ? { ...headers, authorization: `Bearer ${session.accessToken}` } : headers;
      },
      async admitMessage() {
        const found = await findSession();
        requireUsable(found);
        requireSameCaller(session, found);
      },
    };
  };
}

/** The headers of the upstream call without those of its caller. */
function anonymousHeaders(
  { request, span }: IncomingCall,
  address: string,
  cookieFieldValue: string | undefined,
): Record<string, string> {
  const userAgent = toPrintableAscii(request.headers["user-agent"]);
  return {
    traceparent: traceparentOf(span),
    "plaza-address": address,
    ...(cookieFieldValue !== undefined && { [cookieFieldHeader]: cookieFieldValue }),
    ...(userAgent && { "plaza-user-agent": userAgent }),
  };
}

function toPrintableAscii(userAgent: string | undefined): string | undefined {
  return userAgent?.slice(0, 300).replace(/[^\x20-\x7e]/g, "?");
}
