import type { Tx } from "@plaza/kit/db/database";
import type { Parts } from "../context.ts";
import { type Chat, noSuchChat, type Standing } from "../domain/chat.ts";
import type { Change } from "../domain/entry.ts";
import { saveChat } from "../store/chats.ts";
import { insertEntry } from "../store/entries.ts";
import { findStandings, mustBeHere } from "../store/memberships.ts";

/** A chat that is held, so that nobody else changes it, and the caller's place in it. */
export type Held = { readonly chat: Chat; readonly me: Standing };

/** What became of a chat. */
export type Changed<T> = {
  readonly chat: Chat;
  readonly answer: T;
  /** Who was added. */
  readonly added?: readonly string[];
};

/**
 * Changes a chat that the caller is in; whoever follows it is told when that is committed. `comers` are those
 * who may come into it by the change.
 */
export async function changeChat<T>(
  { db, hub, lockChats }: Pick<Parts, "db" | "hub" | "lockChats">,
  chatId: string,
  userId: string,
  work: (tx: Tx, held: Held) => Promise<Changed<T>>,
  comers: readonly string[] = [],
): Promise<T> {
  const {
    chat,
    answer,
    added = [],
  } = await db.begin(async (tx) => {
    if (comers.length > 0) await mustBeHere(tx, comers);
    const [before] = await lockChats(tx, [chatId]);
    // Read once the chat is held: whoever was removed meanwhile is not in it any more.
    const [me] = await findStandings(tx, [{ chatId, userId }]);
    if (!before || !me) noSuchChat(chatId);
    const changed = await work(tx, { chat: before, me });
    if (changed.chat !== before) await saveChat(tx, changed.chat);
    return changed;
  });
  hub.moved({ chatId: chat.id, lastSeq: chat.lastSeq, added });
  return answer;
}

/** Writes the next entry of a chat that is held, and answers the chat after it, which is still to be saved. */
export async function append(tx: Tx, chat: Chat, change: Change, now: Date): Promise<Chat> {
  const seq = chat.lastSeq + 1;
  const nothing = { messageSeq: null, memberIds: [], role: null, title: null };
  await insertEntry(tx, { ...nothing, ...change, chatId: chat.id, seq, createTime: now });
  return { ...chat, lastSeq: seq };
}
