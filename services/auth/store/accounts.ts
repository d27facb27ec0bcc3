import type { Db, Tx } from "@plaza/kit/db/database";
import type { Account } from "../domain/account.ts";

const columns = [
  "id",
  "email",
  "passwordHash",
  "state",
  "roles",
  "claimId",
  "claimUntil",
  "createTime",
];

export async function findAccount(db: Db, id: string): Promise<Account | undefined> {
  const [account] = await findAccounts(db, [id]);
  return account;
}

/** Active and deactivated accounts, without pending ones. */
export function findAccounts(db: Db, ids: readonly string[]): Promise<Account[]> {
  return db<Account[]>`
    select ${db(columns)} from account where id = any (${ids}::uuid[]) and state <> 'pending'`;
}

/** Also finds pending accounts. */
export async function findAccountByEmail(db: Db, email: string): Promise<Account | undefined> {
  const [account] = await db<Account[]>`
    select ${db(columns)} from account where email = ${email}`;
  return account;
}

/** Locks the row until the transaction ends, so that a sign-in and the end of sessions cannot interleave. */
export async function lockAccount(tx: Tx, id: string): Promise<Account | undefined> {
  const [account] = await tx<Account[]>`
    select ${tx(columns)} from account where id = ${id} and state <> 'pending' for update`;
  return account;
}

export async function saveAccount(tx: Tx, account: Account): Promise<void> {
  const { id, passwordHash, state, roles } = account;
  await tx`
    update account set password_hash = ${passwordHash}, state = ${state}, roles = ${[...roles]}::text[]
    where id = ${id}`;
}

export async function deleteAccount(tx: Tx, id: string): Promise<boolean> {
  const { count } = await tx`delete from account where id = ${id}`;
  return count === 1;
}

/** Locks the set of admins, so that two transactions cannot each remove the other one's last admin. */
export async function lockAdmins(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('account_admin'))`;
}

/** Whether there is an active admin besides this account. Lock the admins first. */
export async function hasOtherAdmin(tx: Tx, id: string): Promise<boolean> {
  const [other] = await tx`
    select from account where 'admin' = any (roles) and state = 'active' and id <> ${id} limit 1`;
  return other !== undefined;
}
