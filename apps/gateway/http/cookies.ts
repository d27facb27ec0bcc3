import type { OutgoingHttpHeader } from "node:http";
import { parseCookie, stringifySetCookie } from "cookie";

/** An HttpOnly, SameSite cookie, which the gateway alone reads. */
export type Cookie = {
  readonly name: string;
  /** Its value in a Cookie header; undefined when missing or empty. */
  read(header: string | undefined): string | undefined;
  /** The Set-Cookie header that stores a value. */
  serialize(value: string, maxAgeSeconds: number): string;
  /** The Set-Cookie header that deletes it. */
  readonly expired: string;
};

/** Where browsers send cookies. */
export type CookieScope = {
  /** Over https only. */
  readonly isSecure: boolean;
  /** The path below which the site is served; empty at the root of its host. */
  readonly basePath: string;
};

/**
 * Defines a cookie. Over https its name gets a prefix, so that no page over plain http can set it, and with
 * `__Host-` no subdomain either, which asks for the path `/` (RFC 6265bis, section 4.1.3).
 */
export function createCookie(plainName: string, { isSecure, basePath }: CookieScope): Cookie {
  const prefix = basePath === "" ? "__Host-" : "__Secure-";
  const name = isSecure ? prefix + plainName : plainName;
  const serialize = (value: string, maxAge: number) =>
    stringifySetCookie({
      name,
      value,
      maxAge,
      path: basePath || "/",
      httpOnly: true,
      sameSite: "lax",
      secure: isSecure,
    });
  return {
    name,
    read: (header) => (header?.includes(name) ? parseCookie(header)[name] || undefined : undefined),
    serialize,
    expired: serialize("", 0),
  };
}

/**
 * Merges Set-Cookie headers: `added` ones, which the call set, replace `existing` ones of the same name,
 * which admission set. Of two with one name browsers would keep the last.
 */
export function mergeSetCookies(
  existing: OutgoingHttpHeader | undefined,
  added: readonly string[],
): string[] {
  const names = new Set(added.map(cookieNameOf));
  const kept = [existing ?? []].flat().map(String);
  return [...kept.filter((one) => !names.has(cookieNameOf(one))), ...added];
}

function cookieNameOf(setCookie: string): string {
  return setCookie.slice(0, setCookie.indexOf("="));
}
