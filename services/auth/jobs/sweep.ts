import type { ServiceContext } from "../context.ts";
import { addMs, dayMs, minuteMs } from "../domain/time.ts";
import { deleteKnownAddresses } from "../store/known-addresses.ts";
import { deleteExpiredAttemptCounters } from "../store/login-attempts.ts";
import * as claims from "../store/registrations.ts";
import { deleteExpiredSessions } from "../store/sessions.ts";

const pendingRegistrationTtlMs = 10 * minuteMs;
/** Until then a call to make the profile may still be on its way. */
const maxCallDelayMs = 10 * minuteMs;
const knownAddressTtlMs = 90 * dayMs;
const maxProfilesPerSweep = 1_000;

/** Clears away what broke off and what has run out. Runs every minute. */
export async function sweep({ db, now, users }: ServiceContext): Promise<void> {
  await claims.expirePendingAccounts(db, addMs(now(), -pendingRegistrationTtlMs), now());
  for (const { id, abandonTime } of await claims.listAbandonedProfiles(db, maxProfilesPerSweep)) {
    await users.discardUser({ id });
    if (abandonTime < addMs(now(), -maxCallDelayMs)) await claims.deleteAbandonedProfile(db, id);
  }
  await deleteExpiredSessions(db, now());
  await deleteExpiredAttemptCounters(db, now());
  await deleteKnownAddresses(db, addMs(now(), -knownAddressTtlMs));
}
