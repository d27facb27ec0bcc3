import type { Db, Tx } from "@plaza/kit/db";
import type { Friend } from "./domain.ts";

const columns = ["id", "ownerId", "text", "createTime"];

export function findFriends(db: Db, ids: readonly string[]): Promise<Friend[]> {
  return db<Friend[]>`select ${db(columns)} from friend where id = any(${ids}::uuid[])`;
}

export async function findFriendByKey(
  db: Db,
  ownerId: string,
  key: string,
): Promise<Friend | undefined> {
  const [friend] = await db<Friend[]>`
    select ${db(columns)} from friend where owner_id = ${ownerId} and idempotency_key = ${key}`;
  return friend;
}

/** Answers whether the friend is new: the unique index, not an earlier read, has the last word. */
export async function insertFriend(tx: Tx, friend: Friend, key: string | null): Promise<boolean> {
  const { count } = await tx`
    insert into friend ${tx({ ...friend, idempotencyKey: key })}
    on conflict (owner_id, idempotency_key) where idempotency_key is not null do nothing`;
  return count === 1;
}
