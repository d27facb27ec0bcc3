import { Fault } from "@plaza/kit/errors/fault";
import type { Asked } from "../methods/call.ts";

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Throws CROSS_SITE_REQUEST when a page of another site may have made this request with its visitor's
 * session. Browsers say where a request comes from, in Origin or Sec-Fetch-Site, which a page cannot
 * forge. Only requests that change something and ride on a cookie, or ask for one, need to come from
 * our own pages: a client that sends neither header and no cookie is no browser.
 */
export function requireOwnOrigin(
  request: Asked,
  hasCookie: boolean,
  asksForCookie: boolean,
  publicOrigin: string | undefined,
): void {
  if (safeMethods.has(request.method ?? "") || !(hasCookie || asksForCookie)) return;
  const { origin, "sec-fetch-site": site } = request.headers;
  if (origin !== undefined) {
    if (!isOwn(origin, hostOf(request), publicOrigin)) refuse();
  } else if (site !== undefined) {
    if (site !== "same-origin" && site !== "none") refuse();
  } else if (hasCookie) refuse();
}

function isOwn(origin: string, host: string, publicOrigin: string | undefined): boolean {
  return (
    origin === publicOrigin ||
    (host !== "" && (origin === `http://${host}` || origin === `https://${host}`))
  );
}

function hostOf({ headers }: Asked): string {
  return (headers.host ?? `${headers[":authority"] ?? ""}`).toLowerCase();
}

function refuse(): never {
  throw new Fault(
    "forbidden",
    "CROSS_SITE_REQUEST",
    "this may be done from Plaza's own pages only",
  );
}
