import type { OutgoingHttpHeader } from "node:http";
import { parseCookie, stringifySetCookie } from "cookie";

/** A cookie that only the edge reads: no script, and no other site. */
export type Cookie = {
  readonly name: string;
  /** Its value among the request's cookies. */
  read(header: string | undefined): string | undefined;
  /** The Set-Cookie header that keeps a value for so many seconds. */
  serialize(value: string, maxAgeSeconds: number): string;
  /** The Set-Cookie header that makes the browser forget it. */
  readonly expired: string;
};

/**
 * The cookie of that name. Over https the name gets the prefix `__Host-`, so that no subdomain and no
 * page over plain http can plant one (RFC 6265bis, section 4.1.3).
 */
export function createCookie(plainName: string, isSecure: boolean): Cookie {
  const name = isSecure ? `__Host-${plainName}` : plainName;
  const serialize = (value: string, maxAge: number) =>
    stringifySetCookie({
      name,
      value,
      maxAge,
      path: "/",
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
 * The Set-Cookie headers of an answer: those that it was to have anyhow, unless a call has set a cookie of the
 * same name, and those that the call set. Of two of one name browsers would keep the last, whichever that is.
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
