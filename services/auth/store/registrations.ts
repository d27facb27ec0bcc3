import type { Db, Tx } from "@plaza/kit/db/database";
import type { Account } from "../domain/account.ts";

/** The lease that one attempt at a registration has on its pending account. */
export type RegistrationLease = { readonly accountId: string; readonly claimId: string };

type LeaseFields = Pick<Account, "claimId" | "claimUntil">;

/** False when the e-mail address has an account, pending or not. */
export async function insertPendingAccount(db: Db, account: Account): Promise<boolean> {
  const { id, email, passwordHash, roles, claimId, claimUntil, createTime } = account;
  const { count } = await db`
    insert into account
      (id, email, password_hash, state, roles, claim_id, claim_until, create_time)
    values (${id}, ${email}, ${passwordHash}, 'pending', ${[...roles]}::text[], ${claimId},
      ${claimUntil}, ${createTime})
    on conflict on constraint account_email do nothing`;
  return count === 1;
}

/** Moves the lease to this attempt. False when `from` is no longer the current one. */
export async function savePendingAccount(
  db: Db,
  from: Account,
  to: Pick<Account, "id" | "passwordHash"> & LeaseFields,
): Promise<boolean> {
  const { count } = await db`
    update account
    set id = ${to.id}, password_hash = ${to.passwordHash}, claim_id = ${to.claimId},
      claim_until = ${to.claimUntil}
    where id = ${from.id} and claim_id = ${from.claimId}`;
  return count === 1;
}

/** Activates the account. False when the lease is lost. */
export async function activateAccount(
  tx: Tx,
  lease: RegistrationLease,
  roles: readonly string[],
): Promise<boolean> {
  const { count } = await tx`
    update account
    set state = 'active', claim_id = null, claim_until = null, roles = ${[...roles]}::text[]
    where id = ${lease.accountId} and claim_id = ${lease.claimId}`;
  return count === 1;
}

/** False when the lease is lost. */
export async function deletePendingAccount(tx: Tx, lease: RegistrationLease): Promise<boolean> {
  const { count } = await tx`
    delete from account where id = ${lease.accountId} and claim_id = ${lease.claimId}`;
  return count === 1;
}

/** Records that the profile of this id is to be discarded. */
export async function insertAbandonedProfile(tx: Tx, id: string, now: Date): Promise<void> {
  await tx`
    insert into abandoned_profile (id, abandon_time) values (${id}, ${now}) on conflict do nothing`;
}

/** Deletes pending accounts whose lease ended before `leasedUntil`; their profiles are to be discarded. */
export async function expirePendingAccounts(db: Db, leasedUntil: Date, now: Date): Promise<void> {
  await db`
    with expired as (
      delete from account where state = 'pending' and claim_until < ${leasedUntil} returning id
    )
    insert into abandoned_profile (id, abandon_time)
    select id, ${now}::timestamptz from expired on conflict do nothing`;
}

export function listAbandonedProfiles(
  db: Db,
  limit: number,
): Promise<{ id: string; abandonTime: Date }[]> {
  return db<{ id: string; abandonTime: Date }[]>`
    select id, abandon_time from abandoned_profile order by abandon_time limit ${limit}`;
}

export async function deleteAbandonedProfile(db: Db, id: string): Promise<void> {
  await db`delete from abandoned_profile where id = ${id}`;
}
