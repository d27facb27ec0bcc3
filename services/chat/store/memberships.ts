import type { Db, Tx } from "@plaza/kit/db/database";
import { type ActiveMembership, type Chat, type Membership, maxGroups } from "../domain/chat.ts";

const columns = ["chatId", "userId", "fromSeq", "untilSeq", "role", "readNumber"];

/** Whether one user of a direct chat blocks the other, or was deleted. */
export const isBlockedColumn = (db: Db) => db`
  (kind = 'direct' and (member_count < 2 or exists (
    select from block
    where (block.user_id, other_id) in ((low_user_id, high_user_id), (high_user_id, low_user_id))
  ))) as is_blocked`;

/** The messages after a read cursor that were not deleted. */
export const unreadCountColumn = (db: Db, readNumber = db`read_number`) => db`
  message_count - ${readNumber} - (
    select count(*)::int from message
    where message.chat_id = chat.id and number > ${readNumber} and delete_time is not null
  ) as unread_count`;

/**
 * The current memberships of pairs of chat and user. The offset keeps the subquery a look-up per pair: as a
 * join PostgreSQL would read all members of the chats.
 */
export function findActiveMemberships(
  db: Db,
  pairs: readonly { readonly chatId: string; readonly userId: string }[],
): Promise<ActiveMembership[]> {
  return db<ActiveMembership[]>`
    select active.*, ${isBlockedColumn(db)}
    from unnest(
      ${pairs.map(({ chatId }) => chatId)}::uuid[],
      ${pairs.map(({ userId }) => userId)}::uuid[]) as asked (chat_id, user_id)
    cross join lateral (
      select ${db(columns)} from membership
      where chat_id = asked.chat_id and user_id = asked.user_id and until_seq is null offset 0
    ) as active
    join chat on chat.id = active.chat_id`;
}

/** The members of the chats in the order in which they joined. */
export function listMembers(db: Db, chatIds: readonly string[]): Promise<Membership[]> {
  return db<Membership[]>`
    select ${db(columns)} from membership
    where chat_id = any(${chatIds}::uuid[]) and until_seq is null
    order by chat_id, from_seq, user_id`;
}

/** All membership intervals of a user: in all chats, or in one. */
export function listMemberships(
  db: Db,
  userId: string,
  chatId?: string,
): Promise<(Membership & Pick<Chat, "lastSeq">)[]> {
  const inChat = chatId === undefined ? db`` : db`and chat_id = ${chatId}`;
  return db<(Membership & Pick<Chat, "lastSeq">)[]>`
    select chat_id, user_id, from_seq, until_seq, role, read_number, last_seq
    from membership join chat on chat.id = chat_id
    where user_id = ${userId} ${inChat}`;
}

/** The direct chats in which the other user may see that these users are online. */
export function listPresenceChats(
  db: Db,
  userIds: readonly string[],
): Promise<{ chatId: string; userId: string }[]> {
  return db<{ chatId: string; userId: string }[]>`
    select chat_id, user_id from (
      select chat_id, membership.user_id, ${isBlockedColumn(db)}
      from membership join chat on chat.id = chat_id
      where membership.user_id = any(${userIds}::uuid[]) and until_seq is null and kind = 'direct'
    ) as direct
    where not is_blocked`;
}

/** One of the users who is at the group limit. */
export async function findUserAtGroupLimit(
  db: Db,
  userIds: readonly string[],
): Promise<string | undefined> {
  const [atLimit] = await db<{ userId: string }[]>`
    select user_id from membership join chat on chat.id = chat_id
    where user_id = any(${userIds}::uuid[]) and until_seq is null and kind = 'group'
    group by user_id having count(*) >= ${maxGroups} limit 1`;
  return atLimit?.userId;
}

export async function insertMemberships(tx: Tx, memberships: readonly Membership[]): Promise<void> {
  const all = <T>(value: (membership: Membership) => T): T[] => memberships.map(value);
  await tx`
    insert into membership (chat_id, user_id, from_seq, role, read_number)
    select * from unnest(
      ${all(({ chatId }) => chatId)}::uuid[],
      ${all(({ userId }) => userId)}::uuid[],
      ${all(({ fromSeq }) => fromSeq)}::integer[],
      ${all(({ role }) => role)}::text[],
      ${all(({ readNumber }) => readNumber)}::integer[])`;
}

/** Saves the fields that change under the chat lock; the read cursor changes without it. */
export async function saveMembership(tx: Tx, membership: Membership): Promise<void> {
  const { chatId, userId, fromSeq, untilSeq, role } = membership;
  await tx`
    update membership set ${tx({ untilSeq, role })}
    where chat_id = ${chatId} and user_id = ${userId} and from_seq = ${fromSeq}`;
}

/** The read cursor before and after, and the number of messages after it. */
export type ReadCursor = Pick<ActiveMembership, "readNumber" | "isBlocked"> & {
  readonly wasNumber: number;
  readonly unreadCount: number;
};

/** Advances the read cursor, never back. */
export async function advanceReadCursor(
  db: Db,
  chatId: string,
  userId: string,
  number: number,
): Promise<ReadCursor | undefined> {
  const [read] = await db<ReadCursor[]>`
    update membership
    set read_number = greatest(membership.read_number, least(${number}::integer, message_count))
    from membership as before join chat on chat.id = before.chat_id
    where before.chat_id = ${chatId} and before.user_id = ${userId} and before.until_seq is null
      and membership.chat_id = before.chat_id and membership.user_id = before.user_id
      and membership.from_seq = before.from_seq
    returning membership.read_number, before.read_number as was_number,
      ${unreadCountColumn(db, db`membership.read_number`)}, ${isBlockedColumn(db)}`;
  return read;
}
