import type { User } from "@plaza/contract/users/v1/users";
import { t } from "../lib/messages.ts";

/** First and last name; empty when a profile has neither. */
export function fullName({ firstName, lastName }: User): string {
  return `${firstName} ${lastName}`.trim();
}

/** The nickname; null stands for a deleted user, undefined for one that is still loading. */
export function displayName(user: User | null | undefined): string {
  return user?.nickname ?? (user === null ? t("people.deletedAccount") : "…");
}
