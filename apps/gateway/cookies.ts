import { parseCookie, stringifySetCookie } from "cookie";

/** The session cookie: how it is read and written. */
export type SessionCookie = {
  readonly name: string;
  /** Its value among the request's cookies. */
  read(header: string | undefined): string | undefined;
  /** The Set-Cookie header that keeps a session for so many seconds. */
  set(value: string, maxAge: number): string;
  /** The Set-Cookie header that makes the browser forget it. */
  readonly clear: string;
};

/**
 * The cookie that carries a browser's session. Over https its name has the prefix `__Host-`, so that
 * no subdomain and no page over plain http can plant one (RFC 6265bis, section 4.1.3).
 */
export function sessionCookie(isSecure: boolean): SessionCookie {
  const name = isSecure ? "__Host-plaza_session" : "plaza_session";
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
