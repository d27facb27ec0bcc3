import { parseCookie, stringifySetCookie } from "cookie";

/** A cookie that only the edge reads: no script, and no other site. */
export type Cookie = {
  readonly name: string;
  /** Its value among the request's cookies. */
  read(header: string | undefined): string | undefined;
  /** The Set-Cookie header that keeps a value for so many seconds. */
  set(value: string, maxAge: number): string;
  /** The Set-Cookie header that makes the browser forget it. */
  readonly clear: string;
};

/**
 * The cookie of that name. Over https the name gets the prefix `__Host-`, so that no subdomain and no
 * page over plain http can plant one (RFC 6265bis, section 4.1.3).
 */
export function cookieNamed(plainName: string, isSecure: boolean): Cookie {
  const name = isSecure ? `__Host-${plainName}` : plainName;
  const set = (value: string, maxAge: number) =>
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
    set,
    clear: set("", 0),
  };
}
