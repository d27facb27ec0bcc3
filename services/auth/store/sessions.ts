import type { Db, Tx } from "@plaza/kit/db/database";
import type { LiveSession, Session } from "../domain/session.ts";

const columns = [
  "id",
  "accountId",
  "kind",
  "secretHash",
  "tokenHash",
  "usedTokenHash",
  "salt",
  "rotateTime",
  "userAgent",
  "address",
  "createTime",
  "lastUseTime",
  "expireTime",
].map((column) => `session.${column}`);

/** Those of the sessions that have not ended. */
export function findLiveByIds(db: Db, ids: readonly string[], now: Date): Promise<LiveSession[]> {
  return db<LiveSession[]>`
    select ${db(columns)}, account.roles from session join account on account.id = account_id
    where session.id = any(${ids}::uuid[]) and expire_time > ${now} and account.state = 'active'`;
}

export async function findLiveById(
  db: Db,
  id: string,
  now: Date,
): Promise<LiveSession | undefined> {
  const [session] = await findLiveByIds(db, [id], now);
  return session;
}

export async function findLiveBySecret(
  db: Db,
  secretHash: Uint8Array,
  now: Date,
): Promise<LiveSession | undefined> {
  const [session] = await db<LiveSession[]>`
    select ${db(columns)}, account.roles from session join account on account.id = account_id
    where secret_hash = ${secretHash} and expire_time > ${now} and account.state = 'active'`;
  return session;
}

/** Locks the row until the transaction ends, so that a refresh token has one successor. */
export async function lockSession(tx: Tx, id: string): Promise<Session | undefined> {
  const [session] = await tx<Session[]>`
    select ${tx(columns)} from session where id = ${id} for update`;
  return session;
}

export function listSessions(
  db: Db,
  accountId: string,
  now: Date,
  limit: number,
): Promise<Session[]> {
  return db<Session[]>`
    select ${db(columns)} from session
    where account_id = ${accountId} and expire_time > ${now}
    order by id desc limit ${limit}`;
}

export async function insertSession(tx: Tx, session: Session): Promise<void> {
  await tx`insert into session ${tx(session)}`;
}

export async function saveRotation(tx: Tx, session: Session): Promise<void> {
  const { id, tokenHash, usedTokenHash, salt, rotateTime, lastUseTime, expireTime } = session;
  await tx`
    update session
    set token_hash = ${tokenHash}, used_token_hash = ${usedTokenHash}, salt = ${salt},
      rotate_time = ${rotateTime}, last_use_time = ${lastUseTime}, expire_time = ${expireTime}
    where id = ${id}`;
}

export async function saveLastUse(
  db: Db,
  { id, lastUseTime, expireTime }: Pick<Session, "id" | "lastUseTime" | "expireTime">,
): Promise<void> {
  await db`
    update session set last_use_time = ${lastUseTime}, expire_time = ${expireTime} where id = ${id}`;
}

/** Deletes a session of the account and returns it. */
export async function deleteSession(
  tx: Tx,
  accountId: string,
  id: string,
): Promise<Session | undefined> {
  const [session] = await tx<Session[]>`
    delete from session where id = ${id} and account_id = ${accountId} returning ${tx(columns)}`;
  return session;
}

/** Deletes the sessions of the account but one, and returns them. */
export function deleteSessions(tx: Tx, accountId: string, exceptId?: string): Promise<Session[]> {
  return tx<Session[]>`
    delete from session
    where account_id = ${accountId} and id is distinct from ${exceptId ?? null}::uuid
    returning ${tx(columns)}`;
}

export async function deleteExpiredSessions(db: Db, now: Date): Promise<void> {
  await db`delete from session where expire_time <= ${now}`;
}
