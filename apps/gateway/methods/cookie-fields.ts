import {
  clone,
  type DescField,
  type DescMethod,
  getOption,
  type Message,
} from "@bufbuild/protobuf";
import { cookie as cookieOption } from "@plaza/contract/kit/v1/options";
import { cookieNamed } from "../http/cookies.ts";
import type { Asked } from "./call.ts";

/** A secret that browsers carry in a cookie, for a method whose contract has fields for it. */
export type Carried = {
  /** The secret of a browser that asks, "" when it has none yet; undefined for other clients. */
  read(asked: Asked): string | undefined;
  /**
   * Takes what was read out of the headers that go on, in which it got here, and puts it into a request
   * that names no secret. Answers what is to be done to the answer, for browsers.
   */
  fill(request: Message, headers: Headers): Keep | undefined;
};

/** Makes the answer one without the secret, which goes into a cookie. */
export type Keep = (answer: Message, headers: Headers) => Message;

/** The header in which what was read gets from admission to where it is filled in. */
export const carriedHeader = "plaza-carried";

type Texts = Record<string, string>;

/** What is carried may be no more than this, so that a broken cookie makes no request invalid. */
const wellFormed = /^[\w-]{1,100}$/;

/** The longest that browsers keep a cookie. What it stands for may be gone earlier. */
const maxAgeSeconds = 400 * 24 * 60 * 60;

/** What browsers carry for a method; undefined when its contract names no cookie. */
export function carriedBy(method: DescMethod, isSecure: boolean): Carried | undefined {
  const asked = method.input.fields.find(isInCookie);
  const answered = method.output.fields.find(isInCookie);
  const field = asked ?? answered;
  if (!field) return undefined;
  const cookie = cookieNamed(getOption(field, cookieOption), isSecure);
  const keep: Keep = (answer, headers) => {
    const secret = answered && (answer as unknown as Texts)[answered.localName];
    if (!secret) return answer;
    headers.append("set-cookie", cookie.set(secret, maxAgeSeconds));
    return Object.assign(clone(method.output, answer), { [answered.localName]: "" });
  };
  return {
    read({ headers }) {
      const { cookie: all, origin, "sec-fetch-site": site } = headers;
      const secret = cookie.read(all) ?? "";
      if (wellFormed.test(secret)) return secret;
      return origin === undefined && site === undefined ? undefined : "";
    },
    fill(request, headers) {
      const secret = headers.get(carriedHeader);
      if (secret === null) return undefined;
      headers.delete(carriedHeader);
      const texts = request as unknown as Texts;
      if (asked && texts[asked.localName] === "") texts[asked.localName] = secret;
      return keep;
    },
  };
}

function isInCookie(field: DescField): boolean {
  return getOption(field, cookieOption) !== "";
}
