import type { Db, Tx } from "@plaza/kit/db/database";
import { searchVector } from "@plaza/kit/text/search-vector";
import type { Chat } from "../domain/chat.ts";
import { maxSeq } from "../domain/entry.ts";
import type { Message, MessageDraft, StoredMessage } from "../domain/message.ts";

export type MessageRef = { readonly chatId: string; readonly seq: number };

/** A message and the user who wants to see it. */
type ViewerMessageRef = MessageRef & { readonly userId: string };

/** The columns of `Message`, from the table message. */
export const messageColumns = (db: Db) => db`
  message.chat_id, message.seq, number, sender_id, text, reply_to_seq, changed_seq, create_time,
  edit_time, delete_time,
  coalesce((
    select jsonb_agg(jsonb_build_object('emoji', emoji, 'userIds', user_ids) order by first)
    from (
      select emoji, array_agg(user_id order by reaction.seq) as user_ids, min(reaction.seq) as first
      from reaction
      where reaction.chat_id = message.chat_id and message_seq = message.seq
      group by emoji
    ) as grouped
  ), '[]') as reactions`;

export function findMessages(db: Db, refs: readonly MessageRef[]): Promise<Message[]> {
  return db<Message[]>`
    select ${messageColumns(db)} from message
    where (message.chat_id, message.seq) in (
      select * from unnest(
        ${refs.map(({ chatId }) => chatId)}::uuid[], ${refs.map(({ seq }) => seq)}::integer[]))`;
}

/** The messages sent under the keys of these drafts. */
export function findMessagesByIdempotencyKey(
  db: Db,
  drafts: readonly MessageDraft[],
): Promise<(StoredMessage & Pick<MessageDraft, "idempotencyKey">)[]> {
  return db<(StoredMessage & Pick<MessageDraft, "idempotencyKey">)[]>`
    select ${messageColumns(db)}, idempotency_key, request_digest from message
    where (chat_id, sender_id, idempotency_key) in (
      select * from unnest(
        ${drafts.map(({ chatId }) => chatId)}::uuid[],
        ${drafts.map(({ senderId }) => senderId)}::uuid[],
        ${drafts.map(({ idempotencyKey }) => idempotencyKey)}::text[]))`;
}

/** Those of the messages that their users may see, by membership intervals. */
export function findVisibleMessages(
  db: Db,
  refs: readonly ViewerMessageRef[],
): Promise<ViewerMessageRef[]> {
  return db<ViewerMessageRef[]>`
    select message.chat_id, message.seq, person as user_id
    from unnest(
      ${refs.map(({ chatId }) => chatId)}::uuid[],
      ${refs.map(({ seq }) => seq)}::integer[],
      ${refs.map(({ userId }) => userId)}::uuid[]) as asked (chat, at, person)
    join message on message.chat_id = chat and message.seq = at
    where exists (
      select from membership
      where membership.chat_id = chat and user_id = person
        and at between from_seq and coalesce(until_seq, at))`;
}

/** The messages that a member may see, newest first. Reads at most `limit` per membership interval. */
export function listMessages(
  db: Db,
  { chatId, userId }: { readonly chatId: string; readonly userId: string },
  before: number,
  limit: number,
): Promise<Message[]> {
  return db<Message[]>`
    select ${messageColumns(db)} from membership
    cross join lateral (
      select * from message
      where message.chat_id = membership.chat_id and message.seq < ${before}
        and message.seq >= from_seq and message.seq <= coalesce(until_seq, ${maxSeq})
      order by message.seq desc limit ${limit}
    ) as message
    where membership.chat_id = ${chatId} and user_id = ${userId}
    order by message.seq desc limit ${limit}`;
}

/** The latest message of each chat from `fromSeq` on. */
export function findLatestMessages(
  db: Db,
  ranges: readonly { readonly chatId: string; readonly fromSeq: number }[],
): Promise<Message[]> {
  return db<Message[]>`
    select ${messageColumns(db)}
    from unnest(
      ${ranges.map(({ chatId }) => chatId)}::uuid[],
      ${ranges.map(({ fromSeq }) => fromSeq)}::integer[]) as asked (chat, since)
    cross join lateral (
      select * from message
      where message.chat_id = chat and message.seq >= since
      order by message.seq desc limit 1
    ) as message`;
}

export async function saveMessageText(
  tx: Tx,
  { chatId, seq, text, editTime, deleteTime }: Message,
): Promise<void> {
  await tx`
    update message
    set ${tx({ text, editTime, deleteTime, search: searchVector({ A: text }) })}
    where chat_id = ${chatId} and seq = ${seq}`;
}

/** Records the last entry of a message. */
export async function saveChangedSeq(
  tx: Tx,
  { chatId, seq }: MessageRef,
  changedSeq: number,
): Promise<void> {
  await tx`
    update message set ${tx({ changedSeq })} where chat_id = ${chatId} and seq = ${seq}`;
}

export async function insertReaction(
  tx: Tx,
  { chatId, seq: messageSeq }: MessageRef,
  reaction: { readonly userId: string; readonly emoji: string; readonly seq: number },
): Promise<void> {
  await tx`insert into reaction ${tx({ chatId, messageSeq, ...reaction })}`;
}

export async function deleteReaction(
  tx: Tx,
  { chatId, seq }: MessageRef,
  userId: string,
  emoji: string,
): Promise<void> {
  await tx`
    delete from reaction
    where chat_id = ${chatId} and message_seq = ${seq} and user_id = ${userId} and emoji = ${emoji}`;
}

export async function deleteReactions(tx: Tx, { chatId, seq }: MessageRef): Promise<void> {
  await tx`delete from reaction where chat_id = ${chatId} and message_seq = ${seq}`;
}

/** Removes the user id from messages, entries and reactions in these chats. */
export async function anonymizeSender(
  tx: Tx,
  chatIds: readonly string[],
  userId: string,
): Promise<void> {
  await tx`
    delete from reaction where chat_id = any(${chatIds}::uuid[]) and user_id = ${userId}`;
  await tx`
    update message set sender_id = null
    where chat_id = any(${chatIds}::uuid[]) and sender_id = ${userId}`;
  await tx`
    update entry set user_id = null
    where chat_id = any(${chatIds}::uuid[]) and user_id = ${userId}`;
}

/** Inserts messages with their entries; advances chats and the senders' read cursors, in one statement. */
export async function insertMessages(
  tx: Tx,
  messages: readonly (Message & MessageDraft)[],
  chats: readonly Chat[],
): Promise<void> {
  const all = <T>(value: (message: Message & MessageDraft) => T): T[] => messages.map(value);
  await tx`
    with inserted as (
      insert into message (chat_id, seq, changed_seq, number, sender_id, text, reply_to_seq,
        idempotency_key, request_digest, create_time, search)
      select chat, at, changed, n, sender, body, reply_to, key, digest, created, words::tsvector
      from unnest(
        ${all(({ chatId }) => chatId)}::uuid[],
        ${all(({ seq }) => seq)}::integer[],
        ${all(({ changedSeq }) => changedSeq)}::integer[],
        ${all(({ number }) => number)}::integer[],
        ${all(({ senderId }) => senderId)}::uuid[],
        ${all(({ text }) => text)}::text[],
        ${all(({ replyToSeq }) => replyToSeq)}::integer[],
        ${all(({ idempotencyKey }) => idempotencyKey)}::text[],
        ${all(({ requestDigest }) => requestDigest)}::text[],
        ${all(({ createTime }) => createTime)}::timestamptz[],
        ${all(({ text }) => searchVector({ A: text }))}::text[]
      ) as draft (chat, at, changed, n, sender, body, reply_to, key, digest, created, words)
      returning chat_id, seq, number, sender_id, create_time
    ), logged as (
      insert into entry (chat_id, seq, type, user_id, message_seq, member_ids, create_time)
      select chat_id, seq, 'posted', sender_id, seq, '{}', create_time from inserted
    ), read as (
      update membership set read_number = number
      from (select chat_id, sender_id, max(number) as number from inserted group by 1, 2) as last
      where membership.chat_id = last.chat_id and user_id = sender_id and until_seq is null
    )
    update chat set last_seq = last, message_count = count, active_time = active
    from unnest(
      ${chats.map(({ id }) => id)}::uuid[],
      ${chats.map(({ lastSeq }) => lastSeq)}::integer[],
      ${chats.map(({ messageCount }) => messageCount)}::integer[],
      ${chats.map(({ activeTime }) => activeTime)}::timestamptz[]) as advanced (chat, last, count, active)
    where id = chat`;
}
