import { Fault, invalidSession } from "@plaza/kit/errors/fault";
import { addMs, dayMs, minuteMs } from "./time.ts";

/** How long a session lives without being used. */
export const sessionTtlMs = 30 * dayMs;

/** Uses of a session are recorded this seldom: recording each would be a write per request. */
export const useWriteIntervalMs = 5 * minuteMs;

/** How long a client may retry a refresh whose response was lost. */
export const refreshReuseGraceMs = 10_000;

export type SessionKind = "tokens" | "cookie";

export type Session = {
  readonly id: string;
  readonly accountId: string;
  readonly kind: SessionKind;
  readonly secretHash: Uint8Array;
  readonly tokenHash: Uint8Array | null;
  readonly usedTokenHash: Uint8Array | null;
  readonly salt: Uint8Array | null;
  readonly rotateTime: Date | null;
  readonly userAgent: string;
  readonly address: string;
  readonly createTime: Date;
  readonly lastUseTime: Date;
  readonly expireTime: Date;
};

/** A session that has not ended, with the current roles of its account. */
export type LiveSession = Session & { readonly roles: readonly string[] };

/**
 * What to do with a refresh token of the session. The previous token within 10 seconds is a retry and gets
 * the same response. Any older token means that either the client or a thief has used the newer one.
 */
export function checkRefreshToken(
  session: Session,
  tokenHash: Uint8Array,
  now: Date,
): "rotate" | "replay" | "reused" {
  const { tokenHash: current, usedTokenHash: used, rotateTime } = session;
  if (current && bytesEqual(current, tokenHash)) return "rotate";
  const isRecent = rotateTime !== null && now <= addMs(rotateTime, refreshReuseGraceMs);
  return used && bytesEqual(used, tokenHash) && isRecent ? "replay" : "reused";
}

function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

export function throwInvalidSession(): never {
  throw invalidSession();
}

export function invalidRefreshToken(): never {
  throw new Fault(
    "unauthenticated",
    "INVALID_REFRESH_TOKEN",
    "the refresh token is invalid or expired",
  );
}

export function refreshTokenReused(): never {
  const message = "the refresh token was already used, so the session has ended; sign in again";
  throw new Fault("unauthenticated", "REFRESH_TOKEN_REUSED", message);
}

export function noSuchSession(id: string): never {
  throw new Fault("not_found", "NO_SUCH_SESSION", `no such session: "${id}"`);
}
