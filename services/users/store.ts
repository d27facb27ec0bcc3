import type { Db, Tx } from "@plaza/kit/db/database";
import { isUniqueViolation } from "@plaza/kit/db/errors";
import { type Profile, searchTextOf } from "./domain.ts";

const columns = [
  "id",
  "nickname",
  "firstName",
  "lastName",
  "about",
  "avatarUrl",
  "phone",
  "address",
  "contactVisibility",
  "email",
  "createTime",
  "updateTime",
];

export function findProfiles(db: Db, ids: readonly string[]): Promise<Profile[]> {
  return db<Profile[]>`select ${db(columns)} from profile where id = any(${ids}::uuid[])`;
}

/** Locks the row until the transaction ends, so that changes of a profile run one at a time. */
export async function lockProfile(tx: Tx, id: string): Promise<Profile | undefined> {
  const [profile] = await tx<Profile[]>`
    select ${tx(columns)} from profile where id = ${id} for update`;
  return profile;
}

export async function findIdByNickname(db: Db, nickname: string): Promise<string | undefined> {
  const [found] = await db<{ id: string }[]>`select id from profile where nickname = ${nickname}`;
  return found?.id;
}

/**
 * The profiles whose nickname starts with the prefix and sorts after `after`, without those of users who
 * block the searcher. A range, because a prepared `like` cannot use the index; `{` follows `z`. The offset
 * keeps the subquery a look-up per profile: as a join PostgreSQL would read all blocks first.
 */
export function listByNickname(
  db: Db,
  { prefix, searcherId }: { readonly prefix: string; readonly searcherId: string },
  after: string,
  limit: number,
): Promise<Profile[]> {
  return db<Profile[]>`
    select ${db(columns)} from profile
    where nickname >= ${prefix} and nickname < ${`${prefix}{`} and nickname > ${after}
      and not exists (
        select from block where blocked_id = ${searcherId} and blocker_id = profile.id offset 0)
    order by nickname limit ${limit}`;
}

export function listProfiles(db: Db, before: string, limit: number): Promise<Profile[]> {
  return db<Profile[]>`
    select ${db(columns)} from profile where id < ${before} order by id desc limit ${limit}`;
}

/**
 * Searches before it sorts: PostgreSQL might instead scan all profiles by id until enough of them match.
 * A query of fewer than three characters has no trigram, so all profiles are read.
 */
export function searchProfiles(
  db: Db,
  query: string,
  before: string,
  limit: number,
): Promise<Profile[]> {
  const pattern = `%${query.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
  return db<Profile[]>`
    with found as materialized (select id from profile where search like ${pattern})
    select ${db(columns)} from profile
    where id = any(array(select id from found where id < ${before} order by id desc limit ${limit}))
    order by id desc`;
}

/**
 * Inserts the profile, or replaces the one of the same id. False when another profile has the nickname:
 * the unique index, not an earlier read, has the last word. The transaction has failed then.
 */
export async function saveProfile(tx: Tx, profile: Profile): Promise<boolean> {
  const row = { ...profile, search: searchTextOf(profile) };
  try {
    await tx`
      insert into profile ${tx(row)} on conflict (id) do update set ${tx(row)}`;
    return true;
  } catch (err) {
    if (isUniqueViolation(err, "profile_nickname_key")) return false;
    throw err;
  }
}

/** Whether there was a profile. */
export async function deleteProfile(tx: Tx, id: string): Promise<boolean> {
  const { count } = await tx`delete from profile where id = ${id}`;
  return count === 1;
}

export async function insertBlock(tx: Tx, blockerId: string, blockedId: string): Promise<void> {
  await tx`insert into block ${tx({ blockerId, blockedId })} on conflict do nothing`;
}

export async function deleteBlock(tx: Tx, blockerId: string, blockedId: string): Promise<void> {
  await tx`delete from block where blocked_id = ${blockedId} and blocker_id = ${blockerId}`;
}
