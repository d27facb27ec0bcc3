import type { ServiceContext } from "../context.ts";
import { addMs, dayMs, minuteMs } from "../domain/time.ts";
import { deleteKnownAddresses } from "../store/known-addresses.ts";
import { deleteExpiredAttemptCounters } from "../store/login-attempts.ts";
import * as registrations from "../store/registrations.ts";
import { deleteExpiredSessions } from "../store/sessions.ts";

const pendingRegistrationTtlMs = 10 * minuteMs;
/** A call that creates the profile may still arrive within this time. */
const maxCallDelayMs = 10 * minuteMs;
const knownAddressTtlMs = 90 * dayMs;
const maxProfilesPerSweep = 1_000;

/** Expires pending registrations and deletes expired records. */
export async function sweep({ db, now, users }: ServiceContext): Promise<void> {
  await registrations.expirePendingAccounts(db, addMs(now(), -pendingRegistrationTtlMs), now());
  for (const { id, abandonTime } of await registrations.listAbandonedProfiles(
    db,
    maxProfilesPerSweep,
  )) {
    await users.discardUser({ id });
    if (abandonTime < addMs(now(), -maxCallDelayMs))
      await registrations.deleteAbandonedProfile(db, id);
  }
  await deleteExpiredSessions(db, now());
  await deleteExpiredAttemptCounters(db, now());
  await deleteKnownAddresses(db, addMs(now(), -knownAddressTtlMs));
}
