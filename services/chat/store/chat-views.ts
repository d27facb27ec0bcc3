import type { Db } from "@plaza/kit/db/database";
import type { ChatView } from "../domain/chat.ts";
import { isBlockedColumn, unreadCountColumn } from "./memberships.ts";
/** The cursor of a list of chats: time and id of the last chat before. */
export type ChatListCursor = { readonly activeTime: string; readonly id: string };

const columns = (db: Db) => db`
  chat.id, kind, title, low_user_id, high_user_id, last_seq, message_count, member_count,
  create_time, active_time, from_seq, role, read_number,
  ${unreadCountColumn(db)}, ${isBlockedColumn(db)}`;

export async function findChatView(
  db: Db,
  userId: string,
  chatId: string,
): Promise<ChatView | undefined> {
  const [view] = await db<ChatView[]>`
    select ${columns(db)} from membership join chat on chat.id = chat_id
    where chat_id = ${chatId} and membership.user_id = ${userId} and until_seq is null`;
  return view;
}

/** Reads all chats of the member, because every message changes the order, which no index of members has. */
export function listChatViews(
  db: Db,
  userId: string,
  before: ChatListCursor | undefined,
  limit: number,
): Promise<ChatView[]> {
  const after = before
    ? db`and (active_time, chat.id) < (${before.activeTime}::timestamptz, ${before.id}::uuid)`
    : db``;
  return db<ChatView[]>`
    select ${columns(db)} from membership join chat on chat.id = chat_id
    where membership.user_id = ${userId} and until_seq is null ${after}
    order by active_time desc, chat.id desc limit ${limit}`;
}
