import { createHmac, hash, randomBytes } from "node:crypto";

/**
 * A cookie holds the secret of its session. A refresh token holds the same secret, which identifies every
 * token that the session ever had, and a part that rotates at each use. Prefixes let scanners find leaked
 * secrets.
 */
export type RefreshToken = { readonly secret: string; readonly rotatingPart: string };

const cookiePrefix = "plz_cs_";
const refreshPrefix = "plz_rt_";
const refreshTokenPattern = /^plz_rt_([\w-]{43})([\w-]{43})$/;
const cookiePattern = /^plz_cs_([\w-]{43})$/;

/** 256 random bits as 43 characters. */
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
 * The rotating part after `part`. A retry gets the same one, although it is not stored: it is derived from
 * the old part, which only the client has, and the salt, which only the database has.
 */
export function nextRotatingPart(part: string, salt: Uint8Array): string {
  return createHmac("sha256", part).update(salt).digest("base64url");
}

export function formatCookie(secret: string): string {
  return cookiePrefix + secret;
}

/** The secret in the value of a cookie; undefined when it is not a session cookie. */
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
