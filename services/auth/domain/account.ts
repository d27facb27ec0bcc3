import { Fault, invalidField } from "@plaza/kit/errors/fault";
import { minuteMs } from "./time.ts";

/** How long one attempt at a registration holds its pending account. */
export const registrationLeaseMs = minuteMs / 2;

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

/** E-mail addresses are compared without regard to case. */
export function normalizeEmail(email: string): string {
  return email.toLowerCase();
}

/** Whether another attempt at the registration holds the pending account. */
export function isLeased({ claimUntil }: Account, now: Date): boolean {
  return claimUntil !== null && claimUntil > now;
}

export function wrongCredentials(): never {
  throw new Fault("unauthenticated", "WRONG_CREDENTIALS", "wrong e-mail, nickname or password");
}

export function accountDeactivated(): never {
  throw new Fault(
    "forbidden",
    "ACCOUNT_DEACTIVATED",
    "this account is deactivated; an admin can reactivate it",
  );
}

export function emailTaken(): never {
  const description = "is already in use";
  throw new Fault("conflict", "EMAIL_TAKEN", `email: ${description}`, {
    violations: [{ field: "email", description, reason: "EMAIL_TAKEN" }],
  });
}

export function nicknameTaken(): never {
  const description = "is already taken";
  throw new Fault("conflict", "NICKNAME_TAKEN", `nickname: ${description}`, {
    violations: [{ field: "nickname", description, reason: "NICKNAME_TAKEN" }],
  });
}

export function registrationInProgress(retryAfterMs: number): never {
  const message = "a registration with this e-mail is already in progress; try again shortly";
  throw new Fault("aborted", "REGISTRATION_IN_PROGRESS", message, { retryAfterMs });
}

export function wrongPassword(): never {
  throw invalidField("current_password", "WRONG_PASSWORD", "is not the current password");
}

export function noSuchAccount(id: string): never {
  throw new Fault("not_found", "NO_SUCH_ACCOUNT", `no such account: "${id}"`);
}

export function notYourAccount(): never {
  throw new Fault("forbidden", "NOT_YOUR_ACCOUNT", "only admins can read other accounts");
}

export function lastAdmin(): never {
  throw new Fault(
    "precondition",
    "LAST_ADMIN",
    "this is the last admin; make another account an admin first",
  );
}

export function overloaded(): never {
  throw new Fault(
    "exhausted",
    "OVERLOADED",
    "too many sign-ins at the same time; try again shortly",
    {
      retryAfterMs: 1_000,
    },
  );
}
