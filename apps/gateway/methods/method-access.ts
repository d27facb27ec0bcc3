import type { CachePolicy } from "./cache-policy.ts";
import type { CookieField } from "./cookie-fields.ts";
import type { MethodQuotas } from "./quotas.ts";

/** What the gateway requires of callers of a method, and how it treats the response. */
export type MethodAccess = {
  /** `package.Service/Method`. */
  readonly name: string;
  /** Whether it may be called without a session. */
  readonly isPublic: boolean;
  /** Whether its response may set the session cookie. */
  readonly setsSessionCookie: boolean;
  /** Undefined for the gateway's own methods, for which only the total rate of a network counts. */
  readonly quotas: MethodQuotas | undefined;
  /** Undefined when its responses may not be shared between callers. */
  readonly cachePolicy?: CachePolicy | undefined;
  /** Whether requests or responses are streamed. */
  readonly isStream: boolean;
  /** The field that browsers send and receive as a cookie, if the contract names one. */
  readonly cookieField: CookieField | undefined;
};
