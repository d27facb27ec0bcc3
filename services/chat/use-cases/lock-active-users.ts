import type { Tx } from "@plaza/kit/db/database";
import { findDeletedUsers } from "@plaza/kit/db/deleted-users";
import { notFriends } from "../domain/chat.ts";

/** Locks users who are about to join a chat. Throws NOT_FRIENDS when one of them has been deleted. */
export async function lockActiveUsers(tx: Tx, userIds: readonly string[]): Promise<void> {
  const deleted = await findDeletedUsers(tx, userIds, "exclusive");
  if (deleted.size > 0) notFriends();
}
