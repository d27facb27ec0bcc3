import type { CallOptions } from "@connectrpc/connect";
import type { User } from "@plaza/contract/users/v1/users";
import type { Tx } from "@plaza/kit/db/database";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import type { ServiceContext } from "../context.ts";
import {
  type Account,
  isLeased,
  nicknameTaken,
  registrationInProgress,
  registrationLeaseMs,
} from "../domain/account.ts";
import { addMs } from "../domain/time.ts";
import { findAccountByEmail } from "../store/accounts.ts";
import * as store from "../store/registrations.ts";

// Registration creates an account here and a profile at users, and can die at any point between. First a
// pending account is inserted, leased for 30 seconds; then users creates the profile under the same id;
// then the account is activated, if the lease still holds. An attempt with the same password takes over the
// lease and resumes; any other has to wait until the lease ends, and starts again under another id. A
// profile that may have been left behind is recorded, in the transaction that leaves it, and discarded by
// the sweep.

type Applicant = { readonly email: string; readonly password: string };

/** The lease of this attempt, and whether the profile may exist already. */
export type AcquiredLease = store.RegistrationLease & { readonly isResumed: boolean };

/** Leases an e-mail address. */
export async function acquireRegistration(
  deps: ServiceContext,
  applicant: Applicant,
  calls?: CallOptions,
): Promise<AcquiredLease | "taken" | "in_progress"> {
  const { db, now, newId, hasher } = deps;
  const found = await findAccountByEmail(db, applicant.email);
  if (found) return takeOverRegistration(deps, applicant, found, calls);
  const lease = { accountId: newId(), claimId: newId() };
  const isInserted = await store.insertPendingAccount(db, {
    id: lease.accountId,
    email: applicant.email,
    passwordHash: await hasher.hash(applicant.password),
    state: "pending",
    roles: [],
    claimId: lease.claimId,
    claimUntil: addMs(now(), registrationLeaseMs),
    createTime: now(),
  });
  if (isInserted) return { ...lease, isResumed: false };
  const winner = await findAccountByEmail(db, applicant.email);
  return winner ? takeOverRegistration(deps, applicant, winner, calls) : "in_progress";
}

async function takeOverRegistration(
  deps: ServiceContext,
  { password }: Applicant,
  from: Account,
  calls?: CallOptions,
): Promise<AcquiredLease | "taken" | "in_progress"> {
  const { db, now, newId, hasher, users } = deps;
  if (from.state !== "pending") return "taken";
  const lease = { claimId: newId(), claimUntil: addMs(now(), registrationLeaseMs) };
  if (isLeased(from, now())) {
    if (!(await hasher.verify(password, from.passwordHash))) return "in_progress";
    const isOurs = await store.savePendingAccount(db, from, { ...from, ...lease });
    return isOurs ? { accountId: from.id, claimId: lease.claimId, isResumed: true } : "in_progress";
  }
  const to = { id: newId(), passwordHash: await hasher.hash(password), ...lease };
  const isOurs = await db.begin(async (tx) => {
    if (!(await store.savePendingAccount(tx, from, to))) return false;
    await store.insertAbandonedProfile(tx, from.id, now());
    return true;
  });
  if (!isOurs) return "in_progress";
  // At once, because the abandoned profile may have the same nickname.
  await users.discardUser({ id: from.id }, calls);
  return { accountId: to.id, claimId: lease.claimId, isResumed: false };
}

/**
 * Creates the profile and activates the account; `inTransaction` runs in the transaction that activates it.
 * Throws NICKNAME_TAKEN, after which the e-mail address is free again, or REGISTRATION_IN_PROGRESS.
 */
export async function finishRegistration(
  deps: ServiceContext,
  lease: AcquiredLease,
  profile: { email: string; nickname: string; roles: readonly string[] },
  inTransaction: (tx: Tx) => Promise<void>,
  calls?: CallOptions,
): Promise<User> {
  const { db, users } = deps;
  const { email, nickname, roles } = profile;
  const request = { id: lease.accountId, nickname, email };
  const user = await users.createUser(request, calls).catch(async (error) => {
    if (reasonOf(error) !== "NICKNAME_TAKEN") throw error;
    await abandonRegistration(deps, lease, calls);
    return nicknameTaken();
  });
  await db.begin(async (tx) => {
    if (!(await store.activateAccount(tx, lease, roles))) registrationInProgress(1_000);
    await inTransaction(tx);
  });
  return user;
}

async function abandonRegistration(
  { db, now, users }: ServiceContext,
  lease: AcquiredLease,
  calls?: CallOptions,
) {
  const isOurs = await db.begin(async (tx) => {
    const isDeleted = await store.deletePendingAccount(tx, lease);
    if (isDeleted && lease.isResumed)
      await store.insertAbandonedProfile(tx, lease.accountId, now());
    return isDeleted;
  });
  if (isOurs && lease.isResumed) await users.discardUser({ id: lease.accountId }, calls);
}
