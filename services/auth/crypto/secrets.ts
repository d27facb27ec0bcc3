import { createHmac, hash, randomBytes } from "node:crypto";

/**
 * The secrets that sessions are known by. Their beginnings say what they are, so that scanners find
 * those that leak.
 *
 * A cookie holds the session's own secret. A refresh token holds that secret too, so that every token
 * the session ever had can be told from a made-up one, and a part that changes at each use.
 */
export type RefreshToken = { readonly secret: string; readonly rotatingPart: string };

const cookiePrefix = "plz_cs_";
const refreshPrefix = "plz_rt_";
const refreshTokenPattern = /^plz_rt_([\w-]{43})([\w-]{43})$/;
const cookiePattern = /^plz_cs_([\w-]{43})$/;

/** 256 bits, as 43 letters. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

export function newSalt(): Buffer {
  return randomBytes(32);
}

export function sha256(secret: string): Buffer {
  return hash("sha256", secret, "buffer");
}

/**
 * The part that follows on `part`. Whoever repeats a refresh within the time for it gets the same
 * one again, although nothing is stored that it could be read from: it takes the old part, which
 * only the client has, and the salt, which only the database has.
 */
export function nextRotatingPart(part: string, salt: Uint8Array): string {
  return createHmac("sha256", part).update(salt).digest("base64url");
}

export function formatCookie(secret: string): string {
  return cookiePrefix + secret;
}

/** The session's secret inside a cookie's value; undefined when it is no such value. */
export function parseCookie(credential: string): string | undefined {
  return cookiePattern.exec(credential)?.[1];
}

export function formatRefreshToken({ secret, rotatingPart }: RefreshToken): string {
  return refreshPrefix + secret + rotatingPart;
}

export function parseRefreshToken(token: string): RefreshToken | undefined {
  const [, secret, rotatingPart] = refreshTokenPattern.exec(token) ?? [];
  return secret && rotatingPart ? { secret, rotatingPart } : undefined;
}
