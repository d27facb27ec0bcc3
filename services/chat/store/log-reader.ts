import type { Db } from "@plaza/kit/db/database";
import type { Entry, EntryWithMessage } from "../domain/entry.ts";
import { type LogRange, readEntries } from "./entries.ts";
import { findMessages } from "./messages.ts";

/** Limit of one read, over all chats: about 8 MB of the longest messages. */
const maxEntriesPerRead = 500;

/**
 * Reads parts of logs, at most `limit` entries per chat, each with the current state of its message. `rest`
 * are the chats that may have more.
 */
export async function readLog(
  db: Db,
  ranges: readonly LogRange[],
  limit: number,
): Promise<{ readonly entries: readonly EntryWithMessage[]; readonly rest: ReadonlySet<string> }> {
  const entries = await readEntries(db, ranges, limit, maxEntriesPerRead);
  const byChat = Map.groupBy(entries, ({ chatId }) => chatId);
  const isCut = entries.length === maxEntriesPerRead;
  const rest = ranges
    .map(({ chatId }) => chatId)
    .filter((chatId) => isCut || byChat.get(chatId)?.length === limit);
  return { entries: await withMessages(db, entries), rest: new Set(rest) };
}

/** The entries, each with the current state of its message. */
export async function withMessages<T extends Entry>(
  db: Db,
  entries: readonly T[],
): Promise<(T & EntryWithMessage)[]> {
  const refs = entries.flatMap(({ chatId, messageSeq: seq }) =>
    seq === null ? [] : [{ chatId, seq }],
  );
  const messages = refs.length > 0 ? await findMessages(db, refs) : [];
  const byPosition = new Map(messages.map((one) => [`${one.chatId} ${one.seq}`, one]));
  return entries.map((entry) => {
    return { ...entry, message: byPosition.get(`${entry.chatId} ${entry.messageSeq}`) };
  });
}
