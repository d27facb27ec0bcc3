import type { Db, Tx } from "@plaza/kit/db/database";
import { hasTerms, sampleTerms, selectiveTerms } from "@plaza/kit/text/lookup-terms";
import { planLookup } from "@plaza/kit/text/plan-lookup";
import type { SearchQuery } from "@plaza/kit/text/search-query";
import { maxSortedRows, type SearchWindow } from "@plaza/kit/text/search-rows";
import { searchVector } from "@plaza/kit/text/search-vector";
import type { Message } from "../domain/message.ts";
import { type MessageRef, messageColumns } from "./messages.ts";

/** The cursor of a search: time and position of the last message before. */
export type MessageSearchCursor = MessageRef & { readonly createTime: string };

export type MessageSearch = {
  readonly userId: string;
  /** Undefined for all chats of the user. */
  readonly chatId: string | undefined;
  readonly query: SearchQuery;
};

/** A page of the messages found: the newest before a cursor, or the newest 200 in an order from an offset on. */
export type MessageSearchWindow = {
  readonly limit: number;
  readonly before?: MessageSearchCursor | undefined;
  readonly sorting?: SearchWindow["sorting"];
};

/**
 * Searches the visible messages in the chats of the user. Access is decided by equality of ids. Words
 * that are frequent are found by reading each chat from its end, the others by the index.
 */
export async function searchMessages(
  tx: Tx,
  search: MessageSearch,
  { before, sorting, ...page }: MessageSearchWindow,
): Promise<Message[]> {
  const { userId, chatId, query } = search;
  const limit = sorting ? maxSortedRows : page.limit;
  const selective = selectiveTerms(query, await sampleTerms(tx, newestMessages(tx, search), query));
  const plan = selective && (await planLookup(tx, { table: "message", query, limit }, selective));
  const matches = plan ? byIndex(tx, query, plan.terms, limit) : fromEnd(tx, query, limit);
  return tx<Message[]>`
    with found as materialized (
      select message.* from membership as stay
      join membership as open
        on open.chat_id = stay.chat_id and open.user_id = ${userId} and open.until_seq is null
      join chat on chat.id = stay.chat_id
      cross join lateral (${matches(before)}) as message
      where stay.user_id = ${userId} ${chatId === undefined ? tx`` : tx`and stay.chat_id = ${chatId}`}
      order by create_time desc, message.chat_id desc, seq desc limit ${limit}
    )
    select ${messageColumns(tx)} from found join message using (chat_id, seq, create_time)
    order by ${sorting ? tx`${sorting.order(tx, query)}, ` : tx``}
      create_time desc, message.chat_id desc, message.seq desc
    limit ${page.limit} offset ${sorting?.offset ?? 0}`;
}

/** The condition on the messages of one membership interval. */
const isVisible = (db: Db, query: SearchQuery, before: MessageSearchCursor | undefined) => db`
  candidate.chat_id = stay.chat_id
  and seq >= stay.from_seq and seq <= coalesce(stay.until_seq, chat.last_seq)
  and delete_time is null and search @@ ${query.whole}::tsquery
  ${
    before
      ? db`and (create_time, candidate.chat_id, seq)
             < (${before.createTime}::timestamptz, ${before.chatId}::uuid, ${before.seq}::integer)`
      : db``
  }`;

const fromEnd =
  (db: Db, query: SearchQuery, limit: number) => (before: MessageSearchCursor | undefined) =>
    db`
    select candidate.chat_id, seq, create_time from message as candidate
    where ${isVisible(db, query, before)}
    order by seq desc limit ${limit}`;

/** The words of a message and its block of 16,384 messages of its chat, as they are indexed. */
const blockVector = (db: Db) => db`
  (search || array_to_tsvector(array['#' || chat_id::text || '/' || (seq >> 14)::text]))`;

/**
 * Looks the words up in one block of a chat after the other, until the page is full; see kit/text/search-blocks.ts.
 */
const byIndex =
  (db: Db, query: SearchQuery, lookup: readonly string[], limit: number) =>
  (before: MessageSearchCursor | undefined) =>
    db`
    select in_block.* from generate_series(
      coalesce(stay.until_seq, chat.last_seq) >> 14, stay.from_seq >> 14, -1) as block
    cross join lateral (
      select candidate.chat_id, seq, create_time from (
        select * from message
        where ${hasTerms(db, blockVector(db), lookup)}
          and ${blockVector(db)} @@ quote_literal('#' || stay.chat_id || '/' || block)::tsquery
        offset 0
      ) as candidate
      where ${isVisible(db, query, before)}
      order by seq desc limit ${limit}
    ) as in_block
    limit ${limit}`;

/** The search words of the newest messages in ten chats of the user. */
const newestMessages = (db: Db, { userId, chatId }: MessageSearch) => db`
  select search from (
    select chat_id from membership join chat on chat.id = chat_id
    where user_id = ${userId} and until_seq is null
      ${chatId === undefined ? db`` : db`and chat_id = ${chatId}`}
    order by active_time desc limit 10
  ) as active
  cross join lateral (
    select search from message where message.chat_id = active.chat_id
    order by seq desc limit 50
  ) as message`;

/** Messages without search words, newest first. */
export function findUnindexedMessages(
  tx: Tx,
  limit: number,
): Promise<(MessageRef & { text: string })[]> {
  return tx<(MessageRef & { text: string })[]>`
    select chat_id, seq, text from message where search is null
    order by create_time desc limit ${limit} for update skip locked`;
}

export async function indexMessage(
  tx: Tx,
  { chatId, seq, text }: MessageRef & { readonly text: string },
): Promise<void> {
  await tx`
    update message set search = ${searchVector({ A: text })}::tsvector
    where chat_id = ${chatId} and seq = ${seq}`;
}
