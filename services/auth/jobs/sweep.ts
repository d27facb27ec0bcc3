import type { Parts } from "../context.ts";
import { after, day, minute } from "../domain/account.ts";
import { deleteForgottenGuesses, deleteKnownAddresses } from "../store/login-attempts.ts";
import * as claims from "../store/registrations.ts";
import { deleteExpiredSessions } from "../store/sessions.ts";

const pendingMs = 10 * minute;
/** Until then a call to make the profile may still be on its way. */
const lateCallMs = 10 * minute;
const knownAddressMs = 90 * day;
const mostAtOnce = 1_000;

/** Clears away what broke off and what has run out. Runs every minute. */
export async function sweep({ db, now, users }: Parts): Promise<void> {
  await claims.abandonPending(db, after(now(), -pendingMs), now());
  for (const { id, abandonTime } of await claims.listAbandoned(db, mostAtOnce)) {
    await users.discardUser({ id });
    if (abandonTime < after(now(), -lateCallMs)) await claims.deleteAbandoned(db, id);
  }
  await deleteExpiredSessions(db, now());
  await deleteForgottenGuesses(db, now());
  await deleteKnownAddresses(db, after(now(), -knownAddressMs));
}
