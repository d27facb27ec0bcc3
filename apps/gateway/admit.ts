import { Fault } from "@plaza/kit/fault";
import { traceparentOf } from "@plaza/kit/trace";
import { addressOf } from "./address.ts";
import type { Call } from "./call.ts";
import { carriedHeader } from "./carried.ts";
import type { Cookie } from "./cookies.ts";
import type { Credentials } from "./credentials.ts";
import { requireOwnOrigin } from "./origin.ts";
import type { RateLimit } from "./rate-limit.ts";

/** What admission takes. */
export type AdmissionOptions = {
  readonly rateLimit: RateLimit;
  readonly credentials: Credentials;
  readonly cookie: Cookie;
  readonly trustedProxies: number;
  readonly publicOrigin: string | undefined;
};

/**
 * Lets a call in, and answers the headers under which it goes on to the service. Throws
 * TOO_MANY_REQUESTS, CROSS_SITE_REQUEST, INVALID_TOKEN or INVALID_SESSION.
 */
export type Admit = (call: Call) => Promise<Record<string, string>>;

/**
 * What every call from outside goes through before a service sees it. Of the caller's own headers none
 * passes: services get what was made of them here, so that nobody outside can speak for the edge.
 */
export function createAdmission(options: AdmissionOptions): Admit {
  const { rateLimit, cookie, trustedProxies, publicOrigin } = options;
  return async (call) => {
    const { request, entry, span } = call;
    const address = addressOf(request, trustedProxies);
    await rateLimit(address);
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
    const token =
      authorization === undefined
        ? secret && (await tokenOfCookie(secret, call, options))
        : await tokenOfHeader(authorization, options);
    if (token) headers["authorization"] = `Bearer ${token}`;
    return headers;
  };
}

/** A client that sends a token means to be somebody: a bad one is refused even where nobody is fine. */
async function tokenOfHeader(authorization: string, { credentials }: AdmissionOptions) {
  const [, credential] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const resolved = credential ? await credentials.resolve(credential) : undefined;
  if (resolved) return resolved.accessToken;
  throw new Fault("unauthenticated", "INVALID_TOKEN", "the token is not valid, or no longer");
}

/** A browser cannot help sending an outdated cookie: it is told to forget it, and may read on. */
async function tokenOfCookie(
  secret: string,
  { response, entry }: Call,
  { credentials, cookie }: AdmissionOptions,
) {
  const resolved = await credentials.resolve(secret);
  if (resolved) {
    const { accessToken, cookieMaxAge } = resolved;
    if (cookieMaxAge > 0) response.setHeader("set-cookie", cookie.set(secret, cookieMaxAge));
    return accessToken;
  }
  response.setHeader("set-cookie", cookie.clear);
  if (entry.isPublic) return undefined;
  throw new Fault("unauthenticated", "INVALID_SESSION", "the session has ended; sign in again");
}

function printable(userAgent: string | undefined): string | undefined {
  return userAgent?.slice(0, 300).replace(/[^\x20-\x7e]/g, "?");
}
