import type { Tx } from "@plaza/kit/db/database";
import type { Chat, Membership } from "../domain/chat.ts";
import { successor } from "../domain/chat.ts";
import * as store from "../store/memberships.ts";
import { appendEntry } from "./change-chat.ts";

/** Ends a membership in a locked group, and appoints another owner when the owner leaves. */
export async function leaveGroup(tx: Tx, chat: Chat, me: Membership, now: Date): Promise<Chat> {
  const after = await endMembership(tx, chat, me, me.userId, now);
  const nextOwner = me.role === "owner" && successor(await store.listMembers(tx, [chat.id]));
  if (!nextOwner) return after;
  await store.saveMembership(tx, { ...nextOwner, role: "owner" });
  const change = { type: "role_changed", memberIds: [nextOwner.userId], role: "owner" } as const;
  return appendEntry(tx, after, { ...change, userId: me.userId }, now);
}

/** Ends a membership with its entry. */
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
