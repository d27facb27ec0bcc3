import type { Tx } from "@plaza/kit/db/database";
import type { ServiceContext } from "../context.ts";
import { type ActiveMembership, type Chat, noSuchChat } from "../domain/chat.ts";
import type { EntryDraft } from "../domain/entry.ts";
import { lockChats, saveChat } from "../store/chats.ts";
import { insertEntry } from "../store/entries.ts";
import { findActiveMemberships } from "../store/memberships.ts";
import { lockActiveUsers } from "./lock-active-users.ts";

/** A chat that is held, so that nobody else changes it, and the caller's place in it. */
export type LockedChat = { readonly chat: Chat; readonly membership: ActiveMembership };

/** What became of a chat. */
export type ChatChange<T> = {
  readonly chat: Chat;
  readonly result: T;
  /** Who was added. */
  readonly added?: readonly string[];
};

/**
 * Changes a chat that the caller is in; whoever follows it is told when that is committed. `comers` are those
 * who may come into it by the change.
 */
export async function changeChat<T>(
  { db, hub }: Pick<ServiceContext, "db" | "hub">,
  chatId: string,
  userId: string,
  work: (tx: Tx, held: LockedChat) => Promise<ChatChange<T>>,
  newUserIds: readonly string[] = [],
): Promise<T> {
  const {
    chat,
    result,
    added = [],
  } = await db.begin(async (tx) => {
    if (newUserIds.length > 0) await lockActiveUsers(tx, newUserIds);
    const [before] = await lockChats(tx, [chatId]);
    // Read once the chat is held: whoever was removed meanwhile is not in it any more.
    const [membership] = await findActiveMemberships(tx, [{ chatId, userId }]);
    if (!before || !membership) noSuchChat(chatId);
    const changed = await work(tx, { chat: before, membership });
    if (changed.chat !== before) await saveChat(tx, changed.chat);
    return changed;
  });
  hub.notifyAdvanced({ chatId: chat.id, lastSeq: chat.lastSeq, added });
  return result;
}

/** Writes the next entry of a chat that is held, and answers the chat after it, which is still to be saved. */
export async function appendEntry(
  tx: Tx,
  chat: Chat,
  change: EntryDraft,
  now: Date,
): Promise<Chat> {
  const seq = chat.lastSeq + 1;
  const nothing = { messageSeq: null, memberIds: [], role: null, title: null };
  await insertEntry(tx, { ...nothing, ...change, chatId: chat.id, seq, createTime: now });
  return { ...chat, lastSeq: seq };
}
