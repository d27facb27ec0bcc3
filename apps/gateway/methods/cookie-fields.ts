import {
  clone,
  type DescField,
  type DescMethod,
  getOption,
  type Message,
} from "@bufbuild/protobuf";
import { cookie as cookieOption } from "@plaza/contract/kit/v1/options";
import { type CookieScope, createCookie } from "../http/cookies.ts";
import type { RequestHead } from "../http/request-head.ts";

/** Binds a field of a method's request and response to an HttpOnly cookie. */
export type CookieField = {
  /** The cookie's value; "" for a browser without one, undefined for other clients. */
  read(head: RequestHead): string | undefined;
  /**
   * Moves the cookie's value from the internal header into the request field, unless the request sets it.
   * Returns what strips the response for browsers.
   */
  fillRequest(request: Message, headers: Headers): StripCookieField | undefined;
};

/** Returns the response without the secret, and appends a cookie with it to the headers. */
export type StripCookieField = (response: Message, headers: Headers) => Message;

/** The internal header in which admission passes the value to `fillRequest`; never leaves the process. */
export const cookieFieldHeader = "plaza-cookie-field";

type StringFields = Record<string, string>;

/** Other values are ignored, so that a broken cookie makes no request invalid. */
const cookieValuePattern = /^[\w-]{1,100}$/;

/** The longest that browsers keep a cookie. The secret may become invalid earlier. */
const cookieMaxAgeSeconds = 400 * 24 * 60 * 60;

/** The cookie field of a method; undefined when its contract names no cookie. */
export function cookieFieldOf(
  method: DescMethod,
  cookieScope: CookieScope,
): CookieField | undefined {
  const inputField = method.input.fields.find(hasCookieOption);
  const outputField = method.output.fields.find(hasCookieOption);
  const field = inputField ?? outputField;
  if (!field) return undefined;
  const cookie = createCookie(getOption(field, cookieOption), cookieScope);
  const stripResponse: StripCookieField = (response, headers) => {
    const secret = outputField && (response as unknown as StringFields)[outputField.localName];
    if (!secret) return response;
    headers.append("set-cookie", cookie.serialize(secret, cookieMaxAgeSeconds));
    return Object.assign(clone(method.output, response), { [outputField.localName]: "" });
  };
  return {
    read({ headers }) {
      const { cookie: cookieHeader, origin, "sec-fetch-site": site } = headers;
      const secret = cookie.read(cookieHeader) ?? "";
      if (cookieValuePattern.test(secret)) return secret;
      return origin === undefined && site === undefined ? undefined : "";
    },
    fillRequest(request, headers) {
      const secret = headers.get(cookieFieldHeader);
      if (secret === null) return undefined;
      headers.delete(cookieFieldHeader);
      const fields = request as unknown as StringFields;
      if (inputField && fields[inputField.localName] === "") fields[inputField.localName] = secret;
      return stripResponse;
    },
  };
}

function hasCookieOption(field: DescField): boolean {
  return getOption(field, cookieOption) !== "";
}
