import { Fault } from "@plaza/kit/errors/fault";
import type { RequestHead } from "../http/request-head.ts";

const safeHttpMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** What `requireSameOrigin` needs to know beside the request's head. */
export type CsrfContext = {
  /** Whether the request carries a cookie of Plaza. */
  readonly hasCookie: boolean;
  /** Whether the response may set one. */
  readonly setsCookie: boolean;
  /** The origin of PLAZA_PUBLIC_URL, accepted beside that of the Host header. */
  readonly publicOrigin: string | undefined;
};

/**
 * Throws CROSS_SITE_REQUEST for state-changing requests of other sites that carry or would set a cookie.
 * Browsers send Origin or Sec-Fetch-Site, which pages cannot forge; a client without these headers and without
 * a cookie is no browser.
 */
export function requireSameOrigin(
  request: RequestHead,
  { hasCookie, setsCookie, publicOrigin }: CsrfContext,
): void {
  if (safeHttpMethods.has(request.method ?? "") || !(hasCookie || setsCookie)) return;
  const { origin, "sec-fetch-site": site } = request.headers;
  if (origin !== undefined) {
    if (!isSameOrigin(origin, hostOf(request), publicOrigin)) throwCrossSiteRequest();
  } else if (site !== undefined) {
    if (site !== "same-origin" && site !== "none") throwCrossSiteRequest();
  } else if (hasCookie) throwCrossSiteRequest();
}

/** Compares as URLs, so that a default port may be written or not. */
function isSameOrigin(origin: string, host: string, publicOrigin: string | undefined): boolean {
  const url = URL.parse(origin);
  if (!url || !/^https?:$/.test(url.protocol)) return false;
  return url.origin === publicOrigin || url.host === URL.parse(`${url.protocol}//${host}`)?.host;
}

function hostOf({ headers }: RequestHead): string {
  return headers.host ?? `${headers[":authority"] ?? ""}`;
}

function throwCrossSiteRequest(): never {
  const message =
    "cross-site requests are not allowed; if it is the site's own, set PLAZA_PUBLIC_URL to its address";
  throw new Fault("forbidden", "CROSS_SITE_REQUEST", message);
}
