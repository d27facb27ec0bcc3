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

/** Those who may sign in or could again; a registration that is not done is nobody yet. */
export function findAccounts(db: Db, ids: readonly string[]): Promise<Account[]> {
  return db<Account[]>`
    select ${db(columns)} from account where id = any (${ids}::uuid[]) and state <> 'pending'`;
}

/** Finds pending accounts too. */
export async function findAccountByEmail(db: Db, email: string): Promise<Account | undefined> {
  const [account] = await db<Account[]>`
    select ${db(columns)} from account where email = ${email}`;
  return account;
}

/** Holds the row until the transaction ends: a sign-in and what ends sessions cannot interleave. */
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

/** Lets one transaction at a time change who is an admin, so that two cannot both leave the other. */
export async function lockAdmins(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('account_admin'))`;
}

/** Whether an admin who can sign in is left without the given account. Lock the admins first. */
export async function hasOtherAdmin(tx: Tx, id: string): Promise<boolean> {
  const [other] = await tx`
    select from account where 'admin' = any (roles) and state = 'active' and id <> ${id} limit 1`;
  return other !== undefined;
}
