import type { Db } from "@plaza/kit/db/database";
import type { Entry, EntryWithMessage } from "../domain/entry.ts";
import { type LogRange, readEntries } from "./entries.ts";
import { findMessages } from "./messages.ts";

/** The most entries that are read at once, over all chats: some 8 MB of the longest messages. */
const maxEntriesPerRead = 500;

/**
 * Reads parts of logs, each entry with the message that it is about as that is now; of each chat up to
 * `limit`. `rest` are the chats of which there may be more.
 */
export async function readLog(
  db: Db,
  ranges: readonly LogRange[],
  limit: number,
): Promise<{ readonly entries: readonly EntryWithMessage[]; readonly rest: ReadonlySet<string> }> {
  const entries = await readEntries(db, ranges, limit, maxEntriesPerRead);
  const counts = Map.groupBy(entries, ({ chatId }) => chatId);
  const isCut = entries.length === maxEntriesPerRead;
  const rest = ranges
    .map(({ chatId }) => chatId)
    .filter((chatId) => isCut || counts.get(chatId)?.length === limit);
  return { entries: await withMessages(db, entries), rest: new Set(rest) };
}

/** The entries, each with the message that it is about as that is now. */
export async function withMessages<T extends Entry>(
  db: Db,
  entries: readonly T[],
): Promise<(T & EntryWithMessage)[]> {
  const refs = entries.flatMap(({ chatId, messageSeq: seq }) =>
    seq === null ? [] : [{ chatId, seq }],
  );
  const messages = refs.length > 0 ? await findMessages(db, refs) : [];
  const byPlace = new Map(messages.map((one) => [`${one.chatId} ${one.seq}`, one]));
  return entries.map((entry) => {
    return { ...entry, message: byPlace.get(`${entry.chatId} ${entry.messageSeq}`) };
  });
}
