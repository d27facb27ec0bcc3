import type { Db, Tx } from "@plaza/kit/db/database";
import { isUniqueViolation } from "@plaza/kit/db/errors";
import { foldText } from "@plaza/kit/text/fold-text";
import type { SearchResult } from "@plaza/kit/text/newest-search";
import { searchNewest } from "@plaza/kit/text/search-newest";
import type { SearchQuery } from "@plaza/kit/text/search-query";
import { searchVector } from "@plaza/kit/text/search-vector";
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
 * The newest profiles with the words in nickname or names, apart from those whose nickname begins with `prefix` and
 * those of users who block the searcher; each with its number, by which results are paged.
 */
export function searchByWords(
  tx: Tx,
  query: SearchQuery,
  { prefix, searcherId }: { readonly prefix: string; readonly searcherId: string },
  before: string,
  limit: number,
): Promise<SearchResult<Profile>> {
  const filter = (db: Db) => db`
    (${prefix} = '' or not starts_with(nickname, ${prefix})) and not exists (
      select from block where blocked_id = ${searcherId} and blocker_id = id offset 0)`;
  return searchNewest<Profile>(tx, { table: "profile", columns, filter, query, before, limit });
}

/**
 * The profiles with a text in any part of e-mail address, nickname or names, newest first. Searches before it sorts:
 * PostgreSQL might instead scan all profiles by id until enough of them match. A query of fewer than three characters
 * has no trigram, so all profiles are read.
 */
export function searchProfiles(
  db: Db,
  query: string,
  before: string,
  limit: number,
): Promise<Profile[]> {
  const pattern = `%${foldText(query).replace(/[\\%_]/g, "\\$&")}%`;
  return db<Profile[]>`
    with found as materialized (select id from profile where search_text like ${pattern})
    select ${db(columns)} from profile
    where id = any(array(select id from found where id < ${before} order by id desc limit ${limit}))
    order by id desc`;
}

/** What is computed from the texts of a profile. */
const indexColumns = (profile: Profile) => ({
  searchText: searchTextOf(profile),
  search: searchVector({ A: `${profile.nickname} ${profile.firstName} ${profile.lastName}` }),
});

/** Profiles without search words, newest first. */
export function findUnindexedProfiles(tx: Tx, limit: number): Promise<Profile[]> {
  return tx<Profile[]>`
    select ${tx(columns)} from profile where number is null order by id desc limit ${limit} for update skip locked`;
}

export async function indexProfile(tx: Tx, profile: Profile): Promise<void> {
  await tx`
    update profile set ${tx(indexColumns(profile))}, number = nextval('profile_old_number_seq')
    where id = ${profile.id}`;
}

/**
 * Inserts the profile, or replaces the one of the same id. False when another profile has the nickname:
 * the unique index, not an earlier read, has the last word. The transaction has failed then.
 */
export async function saveProfile(tx: Tx, profile: Profile): Promise<boolean> {
  const row = { ...profile, ...indexColumns(profile) };
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
