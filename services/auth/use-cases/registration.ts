import type { CallOptions } from "@connectrpc/connect";
import type { User } from "@plaza/contract/users/v1/users";
import type { Tx } from "@plaza/kit/db/database";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import type { Parts } from "../context.ts";
import {
  type Account,
  after,
  claimMs,
  isClaimed,
  nicknameTaken,
  registrationInProgress,
} from "../domain/account.ts";
import { findAccountByEmail } from "../store/accounts.ts";
import * as store from "../store/registrations.ts";

// Registration makes an account here and a profile at users, and can die at any point between. First
// a pending account is inserted, claimed for 30 seconds; then users makes the profile under the same
// id; then the account is activated, if the claim still holds. Whoever knows the password takes the
// claim over and resumes; anybody else has to wait until it runs out, and starts anew under another
// id. A profile that may have been left behind is noted, in the transaction that leaves it, and
// discarded by the sweeper.

type Applicant = { readonly email: string; readonly password: string };

/** A pending account that is ours, and whether there may be a profile of it already. */
export type Claimed = store.Claim & { readonly isResumed: boolean };

/** Claims an e-mail address. */
export async function claim(
  parts: Parts,
  applicant: Applicant,
  calls?: CallOptions,
): Promise<Claimed | "taken" | "in_progress"> {
  const { db, now, newId, hasher } = parts;
  const found = await findAccountByEmail(db, applicant.email);
  if (found) return takeOver(parts, applicant, found, calls);
  const fresh = { accountId: newId(), claimId: newId() };
  const isInserted = await store.insertPending(db, {
    id: fresh.accountId,
    email: applicant.email,
    passwordHash: await hasher.hash(applicant.password),
    state: "pending",
    roles: [],
    claimId: fresh.claimId,
    claimUntil: after(now(), claimMs),
    createTime: now(),
  });
  if (isInserted) return { ...fresh, isResumed: false };
  const winner = await findAccountByEmail(db, applicant.email);
  return winner ? takeOver(parts, applicant, winner, calls) : "in_progress";
}

async function takeOver(
  parts: Parts,
  { password }: Applicant,
  from: Account,
  calls?: CallOptions,
): Promise<Claimed | "taken" | "in_progress"> {
  const { db, now, newId, hasher, users } = parts;
  if (from.state !== "pending") return "taken";
  const held = { claimId: newId(), claimUntil: after(now(), claimMs) };
  if (isClaimed(from, now())) {
    if (!(await hasher.verify(password, from.passwordHash))) return "in_progress";
    const isOurs = await store.savePending(db, from, { ...from, ...held });
    return isOurs ? { accountId: from.id, claimId: held.claimId, isResumed: true } : "in_progress";
  }
  const to = { id: newId(), passwordHash: await hasher.hash(password), ...held };
  const isOurs = await db.begin(async (tx) => {
    if (!(await store.savePending(tx, from, to))) return false;
    await store.insertAbandoned(tx, from.id, now());
    return true;
  });
  if (!isOurs) return "in_progress";
  // At once, because the abandoned profile may hold the very nickname that is wanted.
  await users.discardUser({ id: from.id }, calls);
  return { accountId: to.id, claimId: held.claimId, isResumed: false };
}

/**
 * Makes the profile and activates the account; `alongside` runs in the transaction that does. Throws
 * NICKNAME_TAKEN, after which the e-mail address is free again, or REGISTRATION_IN_PROGRESS.
 */
export async function complete(
  parts: Parts,
  claimed: Claimed,
  wanted: { email: string; nickname: string; roles: readonly string[] },
  alongside: (tx: Tx) => Promise<void>,
  calls?: CallOptions,
): Promise<User> {
  const { db, users } = parts;
  const { email, nickname, roles } = wanted;
  const request = { id: claimed.accountId, nickname, email };
  const user = await users.createUser(request, calls).catch(async (error) => {
    if (reasonOf(error) !== "NICKNAME_TAKEN") throw error;
    await giveUp(parts, claimed, calls);
    return nicknameTaken();
  });
  await db.begin(async (tx) => {
    if (!(await store.saveActive(tx, claimed, roles))) registrationInProgress(1_000);
    await alongside(tx);
  });
  return user;
}

async function giveUp({ db, now, users }: Parts, claimed: Claimed, calls?: CallOptions) {
  const isOurs = await db.begin(async (tx) => {
    const isDeleted = await store.deletePending(tx, claimed);
    if (isDeleted && claimed.isResumed) await store.insertAbandoned(tx, claimed.accountId, now());
    return isDeleted;
  });
  if (isOurs && claimed.isResumed) await users.discardUser({ id: claimed.accountId }, calls);
}
