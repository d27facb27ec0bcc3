import type { Db, Tx } from "@plaza/kit/db/database";
import { type Entry, maxSeq, type VisibleRange } from "../domain/entry.ts";

const columns = (db: Db) => db`
  entry.chat_id, seq, type, entry.user_id, message_seq, member_ids, entry.role, title, create_time`;

/** A part of a log: after `after`, up to `until`, or to the end when that is null. */
export type LogRange = { readonly chatId: string } & Pick<VisibleRange, "after" | "until">;

/** Reads parts of logs in the order of `seq`: at most `limit` entries per chat, and `maxEntries` in all. */
export function readEntries(
  db: Db,
  ranges: readonly LogRange[],
  limit: number,
  maxEntries: number,
): Promise<Entry[]> {
  return db<Entry[]>`
    select entry.*
    from unnest(
      ${ranges.map(({ chatId }) => chatId)}::uuid[],
      ${ranges.map(({ after }) => after)}::integer[],
      ${ranges.map(({ until }) => until)}::integer[]) with ordinality as part (chat, behind, up_to, position)
    cross join lateral (
      select ${columns(db)} from entry where chat_id = chat and seq > behind and seq <= coalesce(up_to, ${maxSeq})
      order by seq limit ${limit}
    ) as entry
    order by position, seq limit ${maxEntries}`;
}

/** The entries between two seqs, both excluded. */
export type EntryFilter = {
  readonly after: number;
  readonly before: number;
  /** Leaves out entries of messages. */
  readonly withoutMessages: boolean;
};

/** The entries that a member may see, newest first, each with the start of its membership interval. */
export function listEntries(
  db: Db,
  { chatId, userId }: { readonly chatId: string; readonly userId: string },
  { after, before, withoutMessages }: EntryFilter,
  limit: number,
): Promise<(Entry & Pick<VisibleRange, "fromSeq">)[]> {
  const condition = withoutMessages ? db`and message_seq is null` : db``;
  return db<(Entry & Pick<VisibleRange, "fromSeq">)[]>`
    select entry.*, from_seq from membership
    cross join lateral (
      select ${columns(db)} from entry
      where entry.chat_id = membership.chat_id and seq > ${after} and seq < ${before}
        and seq >= from_seq and seq <= coalesce(until_seq, ${maxSeq}) ${condition}
      order by seq desc limit ${limit}
    ) as entry
    where membership.chat_id = ${chatId} and membership.user_id = ${userId}
    order by seq desc limit ${limit}`;
}

/** A chat with new entries, and the users whom they add. */
export type ChatAdvance = {
  readonly chatId: string;
  readonly lastSeq: number;
  readonly added: readonly string[];
};

/**
 * The chats with entries that were not visible in `snapshot`, and the snapshot for the next call. No entry is
 * skipped: one that commits late was not visible in the earlier snapshot.
 */
export async function findAdvanced(
  db: Db,
  snapshot: string,
): Promise<{ readonly snapshot: string; readonly advances: readonly ChatAdvance[] }> {
  const rows = await db<
    ({ snapshot: string } & { [K in keyof ChatAdvance]: ChatAdvance[K] | null })[]
  >`
    select snapshot, chat_id, last_seq, added
    from (select pg_current_snapshot()::text as snapshot) as current
    left join lateral (
      select chat_id, max(seq) as last_seq,
        coalesce(array_agg(distinct member)
          filter (where type in ('created', 'members_added')), '{}') as added
      from entry left join lateral unnest(member_ids) as member on true
      where transaction >= pg_snapshot_xmin(${snapshot}::pg_snapshot)
        and not pg_visible_in_snapshot(transaction, ${snapshot}::pg_snapshot)
      group by chat_id
    ) as advanced on true`;
  const advances = rows.flatMap(({ chatId, lastSeq, added }) =>
    chatId && lastSeq ? [{ chatId, lastSeq, added: added ?? [] }] : [],
  );
  return { snapshot: rows[0]?.snapshot ?? snapshot, advances };
}

export async function currentSnapshot(db: Db): Promise<string> {
  const [row] = await db<{ snapshot: string }[]>`select pg_current_snapshot()::text as snapshot`;
  if (!row) throw new Error("PostgreSQL returned no snapshot");
  return row.snapshot;
}

export async function insertEntry(tx: Tx, entry: Entry): Promise<void> {
  await tx`
    insert into entry ${tx({ ...entry, memberIds: tx.array([...entry.memberIds], 2951) })}`;
}
