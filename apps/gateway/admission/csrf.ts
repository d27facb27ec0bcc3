import { Fault } from "@plaza/kit/errors/fault";
import type { RequestHead } from "../http/request-head.ts";

const safeHttpMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Throws CROSS_SITE_REQUEST when a page of another site may have made this request with its visitor's
 * session. Browsers say where a request comes from, in Origin or Sec-Fetch-Site, which a page cannot
 * forge. Only requests that change something and ride on a cookie, or ask for one, need to come from
 * our own pages: a client that sends neither header and no cookie is no browser.
 */
export function requireSameOrigin(
  request: RequestHead,
  hasCookie: boolean,
  setsCookie: boolean,
  publicOrigin: string | undefined,
): void {
  if (safeHttpMethods.has(request.method ?? "") || !(hasCookie || setsCookie)) return;
  const { origin, "sec-fetch-site": site } = request.headers;
  if (origin !== undefined) {
    if (!isSameOrigin(origin, hostOf(request), publicOrigin)) throwCrossSiteRequest();
  } else if (site !== undefined) {
    if (site !== "same-origin" && site !== "none") throwCrossSiteRequest();
  } else if (hasCookie) throwCrossSiteRequest();
}

function isSameOrigin(origin: string, host: string, publicOrigin: string | undefined): boolean {
  return (
    origin === publicOrigin ||
    (host !== "" && (origin === `http://${host}` || origin === `https://${host}`))
  );
}

function hostOf({ headers }: RequestHead): string {
  return (headers.host ?? `${headers[":authority"] ?? ""}`).toLowerCase();
}

function throwCrossSiteRequest(): never {
  throw new Fault(
    "forbidden",
    "CROSS_SITE_REQUEST",
    "this may be done from Plaza's own pages only",
  );
}
