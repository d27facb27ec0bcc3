import type { Tx } from "@plaza/kit/db/database";
import type { ServiceContext } from "../context.ts";
import { type ActiveMembership, type Chat, noSuchChat } from "../domain/chat.ts";
import type { EntryDraft } from "../domain/entry.ts";
import { lockChats, saveChat } from "../store/chats.ts";
import { insertEntry } from "../store/entries.ts";
import { findActiveMemberships } from "../store/memberships.ts";
import { lockActiveUsers } from "./lock-active-users.ts";

/** A locked chat and the caller's membership. */
export type LockedChat = { readonly chat: Chat; readonly membership: ActiveMembership };

/** The chat after a change. */
export type ChatChange<T> = {
  readonly chat: Chat;
  readonly result: T;
  /** The ids of added members. */
  readonly added?: readonly string[];
};

/**
 * Changes a chat of the caller's under its lock and notifies subscribers after the commit. `newUserIds` are
 * locked first: their accounts must exist.
 */
export async function changeChat<T>(
  { db, hub }: Pick<ServiceContext, "db" | "hub">,
  chatId: string,
  userId: string,
  work: (tx: Tx, locked: LockedChat) => Promise<ChatChange<T>>,
  newUserIds: readonly string[] = [],
): Promise<T> {
  const {
    chat,
    result,
    added = [],
  } = await db.begin(async (tx) => {
    if (newUserIds.length > 0) await lockActiveUsers(tx, newUserIds);
    const [before] = await lockChats(tx, [chatId]);
    // Read under the lock: the caller may have been removed meanwhile.
    const [membership] = await findActiveMemberships(tx, [{ chatId, userId }]);
    if (!before || !membership) noSuchChat(chatId);
    const change = await work(tx, { chat: before, membership });
    if (change.chat !== before) await saveChat(tx, change.chat);
    return change;
  });
  hub.notifyAdvanced({ chatId: chat.id, lastSeq: chat.lastSeq, added });
  return result;
}

/** Appends an entry to a locked chat; returns the chat with its new lastSeq, not yet saved. */
export async function appendEntry(tx: Tx, chat: Chat, draft: EntryDraft, now: Date): Promise<Chat> {
  const seq = chat.lastSeq + 1;
  const defaults = { messageSeq: null, memberIds: [], role: null, title: null };
  await insertEntry(tx, { ...defaults, ...draft, chatId: chat.id, seq, createTime: now });
  return { ...chat, lastSeq: seq };
}
