import type { Tx } from "@plaza/kit/db/database";
import type { Chat, Membership } from "../domain/chat.ts";
import { successor } from "../domain/chat.ts";
import * as store from "../store/memberships.ts";
import { appendEntry } from "./change-chat.ts";

/** Takes somebody out of a group that is held, and gives it another owner if that was he. */
export async function leaveGroup(tx: Tx, chat: Chat, me: Membership, now: Date): Promise<Chat> {
  const after = await endMembership(tx, chat, me, me.userId, now);
  const heir = me.role === "owner" && successor(await store.listMembers(tx, [chat.id]));
  if (!heir) return after;
  await store.saveMembership(tx, { ...heir, role: "owner" });
  const change = { type: "role_changed", memberIds: [heir.userId], role: "owner" } as const;
  return appendEntry(tx, after, { ...change, userId: me.userId }, now);
}

/** Ends a stay with the entry that says so. */
export async function endMembership(
  tx: Tx,
  chat: Chat,
  membership: Membership,
  userId: string,
  now: Date,
): Promise<Chat> {
  const type = membership.userId === userId ? "member_left" : "member_removed";
  const after = await appendEntry(tx, chat, { type, userId, memberIds: [membership.userId] }, now);
  await store.saveMembership(tx, { ...membership, untilSeq: after.lastSeq });
  return { ...after, memberCount: chat.memberCount - 1 };
}
