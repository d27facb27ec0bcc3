import { hash } from "node:crypto";

/** A strong entity tag of a body: 22 characters of its SHA-256 (RFC 9110, section 8.8.3). */
export function etagOf(body: string | Uint8Array): string {
  return `"${bodyHash(body)}"`;
}

function bodyHash(body: string | Uint8Array): string {
  return hash("sha256", body, "base64url").slice(0, 22);
}

/**
 * The tag of a body whose resource has an etag of its own, which clients send back in If-Match. Both are in it: a
 * response is the same only with the same bytes, but a post that its author's new nickname made other bytes is
 * still the post that was read.
 */
export function resourceEtag(etag: string, body: string | Uint8Array): string {
  return `${etag.slice(0, -1)}.${bodyHash(body)}"`;
}

/** The etags of resources in an If-Match header. */
export function resourceEtagsOf(ifMatch: string): string {
  return ifMatch.replace(/\.[\w-]{22}"/g, '"');
}

/** Whether an If-None-Match header names the tag, so that the response is 304 (RFC 9110, section 13.1.2). */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}
