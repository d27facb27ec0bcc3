import { lockUsers } from "@plaza/kit/db/advisory-locks";
import type { Tx } from "@plaza/kit/db/database";
import { notFriends } from "../domain/chat.ts";
import { hasDeletedUser } from "../store/memberships.ts";

/** Locks users who are about to join a chat. Throws NOT_FRIENDS when one of them has been deleted. */
export async function lockActiveUsers(tx: Tx, userIds: readonly string[]): Promise<void> {
  await lockUsers(tx, userIds);
  if (await hasDeletedUser(tx, userIds)) notFriends();
}
