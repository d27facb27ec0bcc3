import { Fault, invalidField } from "@plaza/kit/errors/fault";

export const minuteMs = 60_000;
export const dayMs = 24 * 60 * minuteMs;

/** How long a session lives without being used. */
export const sessionTtlMs = 30 * dayMs;
/** How long a registration has a pending account to itself. */
export const registrationLeaseMs = minuteMs / 2;
/** How long an honest client has to repeat a refresh whose answer was lost. */
export const refreshReuseGraceMs = 10_000;

export type AccountState = "pending" | "active" | "deactivated";

export type Account = {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly state: AccountState;
  readonly roles: readonly string[];
  readonly claimId: string | null;
  readonly claimUntil: Date | null;
  readonly createTime: Date;
};

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

/** A session in force, with what its account may do at this moment. */
export type LiveSession = Session & { readonly roles: readonly string[] };

export function addMs(time: Date, ms: number): Date {
  return new Date(time.getTime() + ms);
}

/** E-mail addresses are told apart whatever their case. */
export function normalizeEmail(email: string): string {
  return email.toLowerCase();
}

/** Whether another attempt at registering has the account to itself. */
export function isLeased({ claimUntil }: Account, now: Date): boolean {
  return claimUntil !== null && claimUntil > now;
}

/**
 * What presenting a refresh token does. The token before the one in force is an honest retry for 10
 * seconds and gets the same answer; any other that ever belonged to the session was stolen, from its
 * owner or by the one who presents it.
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

export function wrongCredentials(): never {
  throw new Fault("unauthenticated", "WRONG_CREDENTIALS", "no account has this login and password");
}

export function accountDeactivated(): never {
  throw new Fault("forbidden", "ACCOUNT_DEACTIVATED", "the account was deactivated by an admin");
}

export function emailTaken(): never {
  const description = "belongs to an account already";
  throw new Fault("conflict", "EMAIL_TAKEN", `email: ${description}`, {
    violations: [{ field: "email", description, reason: "EMAIL_TAKEN" }],
  });
}

export function nicknameTaken(): never {
  const description = "belongs to somebody already";
  throw new Fault("conflict", "NICKNAME_TAKEN", `nickname: ${description}`, {
    violations: [{ field: "nickname", description, reason: "NICKNAME_TAKEN" }],
  });
}

export function registrationInProgress(retryAfterMs: number): never {
  throw new Fault("aborted", "REGISTRATION_IN_PROGRESS", "this address is being registered", {
    retryAfterMs,
  });
}

export function wrongPassword(): never {
  throw invalidField("current_password", "WRONG_PASSWORD", "is not the password in force");
}

export function invalidSession(): never {
  throw new Fault("unauthenticated", "INVALID_SESSION", "the session has ended; sign in again");
}

export function invalidRefreshToken(): never {
  throw new Fault("unauthenticated", "INVALID_REFRESH_TOKEN", "the refresh token is not valid");
}

export function refreshTokenReused(): never {
  const message = "the refresh token was used before; the session has been ended";
  throw new Fault("unauthenticated", "REFRESH_TOKEN_REUSED", message);
}

export function noSuchAccount(id: string): never {
  throw new Fault("not_found", "NO_SUCH_ACCOUNT", `no such account: ${id}`);
}

export function notYourAccount(): never {
  throw new Fault("forbidden", "NOT_YOUR_ACCOUNT", "only an admin may read another's account");
}

export function noSuchSession(id: string): never {
  throw new Fault("not_found", "NO_SUCH_SESSION", `you have no such session: ${id}`);
}

export function lastAdmin(): never {
  throw new Fault("precondition", "LAST_ADMIN", "there would be no admin left");
}

export function overloaded(): never {
  throw new Fault("exhausted", "OVERLOADED", "too many sign-ins at once; try again shortly", {
    retryAfterMs: 1_000,
  });
}
