import {
  clone,
  type DescField,
  type DescMethod,
  getOption,
  type Message,
} from "@bufbuild/protobuf";
import { cookie as cookieOption } from "@plaza/contract/kit/v1/options";
import { createCookie } from "../http/cookies.ts";
import type { RequestHead } from "../http/request-head.ts";

/** A secret that browsers carry in a cookie, for a method whose contract has fields for it. */
export type CookieField = {
  /** The secret of a browser that asks, "" when it has none yet; undefined for other clients. */
  read(head: RequestHead): string | undefined;
  /**
   * Takes what was read out of the headers that go on, in which it got here, and puts it into a request
   * that names no secret. Answers what is to be done to the answer, for browsers.
   */
  fillRequest(request: Message, headers: Headers): StripCookieField | undefined;
};

/** Makes the answer one without the secret, which goes into a cookie. */
export type StripCookieField = (answer: Message, headers: Headers) => Message;

/** The header in which what was read gets from admission to where it is filled in. */
export const cookieFieldHeader = "plaza-carried";

type StringFields = Record<string, string>;

/** What is carried may be no more than this, so that a broken cookie makes no request invalid. */
const cookieValuePattern = /^[\w-]{1,100}$/;

/** The longest that browsers keep a cookie. What it stands for may be gone earlier. */
const cookieMaxAgeSeconds = 400 * 24 * 60 * 60;

/** What browsers carry for a method; undefined when its contract names no cookie. */
export function cookieFieldOf(method: DescMethod, isSecure: boolean): CookieField | undefined {
  const asked = method.input.fields.find(hasCookieOption);
  const answered = method.output.fields.find(hasCookieOption);
  const field = asked ?? answered;
  if (!field) return undefined;
  const cookie = createCookie(getOption(field, cookieOption), isSecure);
  const keep: StripCookieField = (answer, headers) => {
    const secret = answered && (answer as unknown as StringFields)[answered.localName];
    if (!secret) return answer;
    headers.append("set-cookie", cookie.serialize(secret, cookieMaxAgeSeconds));
    return Object.assign(clone(method.output, answer), { [answered.localName]: "" });
  };
  return {
    read({ headers }) {
      const { cookie: all, origin, "sec-fetch-site": site } = headers;
      const secret = cookie.read(all) ?? "";
      if (cookieValuePattern.test(secret)) return secret;
      return origin === undefined && site === undefined ? undefined : "";
    },
    fillRequest(request, headers) {
      const secret = headers.get(cookieFieldHeader);
      if (secret === null) return undefined;
      headers.delete(cookieFieldHeader);
      const texts = request as unknown as StringFields;
      if (asked && texts[asked.localName] === "") texts[asked.localName] = secret;
      return keep;
    },
  };
}

function hasCookieOption(field: DescField): boolean {
  return getOption(field, cookieOption) !== "";
}
