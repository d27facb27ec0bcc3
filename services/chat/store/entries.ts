import type { Db, Tx } from "@plaza/kit/db/database";
import { type Entry, maxSeq, type VisibleRange } from "../domain/entry.ts";

const columns = (db: Db) => db`
  entry.chat_id, seq, type, entry.user_id, message_seq, member_ids, entry.role, title, create_time`;

/** A part of a log: what comes behind `after`, up to `until` or, for null, to the end. */
export type LogRange = { readonly chatId: string } & Pick<VisibleRange, "after" | "until">;

/** Reads parts of logs in the order of their seq: of each chat `limit` entries, and `most` in all. */
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
      ${ranges.map(({ until }) => until)}::integer[]) with ordinality as part (chat, behind, up_to, place)
    cross join lateral (
      select ${columns(db)} from entry where chat_id = chat and seq > behind and seq <= coalesce(up_to, ${maxSeq})
      order by seq limit ${limit}
    ) as entry
    order by place, seq limit ${maxEntries}`;
}

/** A part of a log that is asked for: what lies between two positions. */
export type EntryFilter = {
  readonly after: number;
  readonly before: number;
  /** Without what is about messages. */
  readonly withoutMessages: boolean;
};

/** A page of what somebody may see of a log, newest first, each entry with the beginning of the stay it is in. */
export function listEntries(
  db: Db,
  { chatId, userId }: { readonly chatId: string; readonly userId: string },
  { after, before, withoutMessages }: EntryFilter,
  limit: number,
): Promise<(Entry & Pick<VisibleRange, "fromSeq">)[]> {
  const some = withoutMessages ? db`and message_seq is null` : db``;
  return db<(Entry & Pick<VisibleRange, "fromSeq">)[]>`
    select entry.*, from_seq from membership
    cross join lateral (
      select ${columns(db)} from entry
      where entry.chat_id = membership.chat_id and seq > ${after} and seq < ${before}
        and seq >= from_seq and seq <= coalesce(until_seq, ${maxSeq}) ${some}
      order by seq desc limit ${limit}
    ) as entry
    where membership.chat_id = ${chatId} and membership.user_id = ${userId}
    order by seq desc limit ${limit}`;
}

/** A chat that has gone on, and who was added to it. */
export type ChatAdvance = {
  readonly chatId: string;
  readonly lastSeq: number;
  readonly added: readonly string[];
};

/**
 * Which chats have entries that were not visible in the snapshot `seen`, with the snapshot that says so
 * next time. Nothing is passed over: whatever commits late was not in `seen`.
 */
export async function findAdvanced(
  db: Db,
  snapshot: string,
): Promise<{ readonly seen: string; readonly moves: readonly ChatAdvance[] }> {
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
    ) as moved on true`;
  const moves = rows.flatMap(({ chatId, lastSeq, added }) =>
    chatId && lastSeq ? [{ chatId, lastSeq, added: added ?? [] }] : [],
  );
  return { seen: rows[0]?.snapshot ?? snapshot, moves };
}

export async function currentSnapshot(db: Db): Promise<string> {
  const [row] = await db<{ seen: string }[]>`select pg_current_snapshot()::text as seen`;
  if (!row) throw new Error("PostgreSQL answered no snapshot");
  return row.seen;
}

export async function insertEntry(tx: Tx, entry: Entry): Promise<void> {
  await tx`
    insert into entry ${tx({ ...entry, memberIds: tx.array([...entry.memberIds], 2951) })}`;
}
