import type { Db } from "@plaza/kit/db/database";
import type { Entry, Told } from "../domain/entry.ts";
import { type Part, readEntries } from "./entries.ts";
import { findMessages } from "./messages.ts";

/** The most entries that are read at once, over all chats: some 8 MB of the longest messages. */
const mostEntries = 500;

/**
 * Reads parts of logs, each entry with the message that it is about as that is now; of each chat up to
 * `limit`. `rest` are the chats of which there may be more.
 */
export async function readTold(
  db: Db,
  parts: readonly Part[],
  limit: number,
): Promise<{ readonly entries: readonly Told[]; readonly rest: ReadonlySet<string> }> {
  const entries = await readEntries(db, parts, limit, mostEntries);
  const counts = Map.groupBy(entries, ({ chatId }) => chatId);
  const isCut = entries.length === mostEntries;
  const rest = parts
    .map(({ chatId }) => chatId)
    .filter((chatId) => isCut || counts.get(chatId)?.length === limit);
  return { entries: await withMessages(db, entries), rest: new Set(rest) };
}

/** The entries, each with the message that it is about as that is now. */
export async function withMessages<T extends Entry>(
  db: Db,
  entries: readonly T[],
): Promise<(T & Told)[]> {
  const refs = entries.flatMap(({ chatId, messageSeq: seq }) =>
    seq === null ? [] : [{ chatId, seq }],
  );
  const messages = refs.length > 0 ? await findMessages(db, refs) : [];
  const byPlace = new Map(messages.map((one) => [`${one.chatId} ${one.seq}`, one]));
  return entries.map((entry) => {
    return { ...entry, message: byPlace.get(`${entry.chatId} ${entry.messageSeq}`) };
  });
}
