import type { Db, Tx } from "@plaza/kit/db/database";
import type { IdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import type { Chat } from "../domain/chat.ts";

const columns = [
  "id",
  "kind",
  "title",
  "lowUserId",
  "highUserId",
  "lastSeq",
  "messageCount",
  "memberCount",
  "createTime",
  "activeTime",
];

/**
 * Locks the chats until the transaction ends, so that each log gets one entry at a time. The order by id
 * prevents deadlocks.
 */
export function lockChats(tx: Tx, ids: readonly string[]): Promise<Chat[]> {
  return tx<Chat[]>`
    select ${tx(columns)} from chat where id = any(${ids}::uuid[]) order by id for update`;
}

/** The direct chat of two users. */
export async function findDirectChat(
  db: Db,
  one: string,
  other: string,
): Promise<Chat | undefined> {
  const [chat] = await db<Chat[]>`
    select ${db(columns)} from chat
    where kind = 'direct' and (low_user_id, high_user_id) in ((${one}, ${other}), (${other}, ${one}))`;
  return chat;
}

export async function findGroupByIdempotencyKey(
  db: Db,
  creatorId: string,
  key: string,
): Promise<(Chat & { readonly requestDigest: string }) | undefined> {
  const [chat] = await db<(Chat & { requestDigest: string })[]>`
    select ${db(columns)}, request_digest from chat
    where creator_id = ${creatorId} and idempotency_key = ${key}`;
  return chat;
}

/** False when there is a chat already: of the pair, or under the key. */
export async function insertChat(
  tx: Tx,
  chat: Chat,
  creatorId: string,
  key: IdempotencyKey | undefined,
): Promise<boolean> {
  const request = {
    creatorId: chat.kind === "group" ? creatorId : null,
    idempotencyKey: key?.key ?? null,
    requestDigest: key?.digest ?? null,
  };
  const { count } =
    await tx`insert into chat ${tx({ ...chat, ...request })} on conflict do nothing`;
  return count === 1;
}

export async function saveChat(
  tx: Tx,
  { id, title, lastSeq, messageCount, memberCount, activeTime }: Chat,
): Promise<void> {
  await tx`
    update chat set ${tx({ title, lastSeq, messageCount, memberCount, activeTime })}
    where id = ${id}`;
}

export async function hasChats(db: Db): Promise<boolean> {
  const [chat] = await db`select from chat limit 1`;
  return chat !== undefined;
}
