import type { Db, Tx } from "@plaza/kit/db/database";
import { maxUuid } from "@plaza/kit/rpc/pagination";
import {
  type DirectedRelation,
  fromPerspectiveOf,
  type Pair,
  pairKey,
  type RelatedUser,
  sortedIds,
  strangerPair,
  type UserPair,
} from "./domain.ts";
import type { Relation } from "./pair-state-machine.ts";

/** A pair as it is stored: once, with the smaller id first. */
type PairRow = {
  readonly lowId: string;
  readonly highId: string;
  readonly lowRelation: Relation;
  readonly highRelation: Relation;
  readonly lowSince: Date | null;
  readonly highSince: Date | null;
};
/** Cursor before the first row of a list: later than every time, above every id. */
export const maxCursor = { since: "9999999999999", userId: maxUuid };

const columns = ["lowId", "highId", "lowRelation", "highRelation", "lowSince", "highSince"];

/** The relations of two users; strangers when there is no row. */
export async function findPair(db: Db, userPair: UserPair): Promise<Pair> {
  const [pair] = await findPairs(db, [pairKey(userPair)]);
  return pair
    ? fromPerspectiveOf(pair, userPair.userId)
    : strangerPair(userPair.userId, userPair.otherId);
}

/** The pairs with these keys that are not strangers, in any order. */
export async function findPairs(db: Db, keys: readonly string[]): Promise<Pair[]> {
  const part = (index: 0 | 1): string[] => keys.map((key) => key.split("/")[index] ?? "");
  const rows = await db<PairRow[]>`
    select ${db(columns)} from pair
    where (low_id, high_id) in (
      select * from unnest(
        ${part(0)}::uuid[], ${part(1)}::uuid[]))`;
  return rows.map(fromRow);
}

export async function hasPairs(db: Db): Promise<boolean> {
  const [pair] = await db`select from pair limit 1`;
  return pair !== undefined;
}

/** Newest first, from the cursor `before` on. */
export function listRelated(
  db: Db,
  userId: string,
  relation: Relation,
  before: RelatedUser,
  limit: number,
): Promise<RelatedUser[]> {
  const { since, userId: id } = before;
  return db<RelatedUser[]>`
    (select high_id as user_id, low_since as since from pair
     where low_id = ${userId} and low_relation = ${relation} and (low_since, high_id) < (${since}, ${id})
     order by low_since desc, high_id desc limit ${limit})
    union all
    (select low_id, high_since from pair
     where high_id = ${userId} and high_relation = ${relation} and (high_since, low_id) < (${since}, ${id})
     order by high_since desc, low_id desc limit ${limit})
    order by since desc, user_id desc limit ${limit}`;
}

/** The number of users in this relation to the user, counted up to the limit. */
export async function countRelated(
  db: Db,
  userId: string,
  relation: Relation,
  limit: number,
): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int from (
      select from pair where low_id = ${userId} and low_relation = ${relation}
      union all
      select from pair where high_id = ${userId} and high_relation = ${relation}
      limit ${limit}
    ) as related`;
  return row?.count ?? 0;
}

/** Saves both directions in one statement. Lock the users first. */
export async function savePair(tx: Tx, pair: Pair): Promise<void> {
  const [lowId, highId] = sortedIds(pair);
  const [low, high] = pair.userId === lowId ? [pair.mine, pair.theirs] : [pair.theirs, pair.mine];
  if (low.relation === "none" && high.relation === "none") {
    await tx`delete from pair where low_id = ${lowId} and high_id = ${highId}`;
    return;
  }
  const directions = {
    lowRelation: low.relation,
    highRelation: high.relation,
    lowSince: low.since,
    highSince: high.since,
  };
  await tx`
    insert into pair ${tx({ lowId, highId, ...directions })}
    on conflict (low_id, high_id) do update set ${tx(directions)}`;
}

/** Returns the deleted pairs as the user saw them. */
export async function deletePairsOf(tx: Tx, userId: string): Promise<Pair[]> {
  const rows = await tx<PairRow[]>`
    delete from pair where low_id = ${userId} or high_id = ${userId} returning ${tx(columns)}`;
  return rows.map((row) => fromPerspectiveOf(fromRow(row), userId));
}

function fromRow(row: PairRow): Pair {
  const mine: DirectedRelation = { relation: row.lowRelation, since: row.lowSince };
  const theirs: DirectedRelation = { relation: row.highRelation, since: row.highSince };
  return { userId: row.lowId, otherId: row.highId, mine, theirs };
}
