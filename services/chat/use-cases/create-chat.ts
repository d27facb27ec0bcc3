import type { Tx } from "@plaza/kit/db/database";
import type { IdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import { type Chat, newMembership } from "../domain/chat.ts";
import { insertChat, saveChat } from "../store/chats.ts";
import { insertMemberships } from "../store/memberships.ts";
import { appendEntry } from "./change-chat.ts";
import { lockActiveUsers } from "./lock-active-users.ts";

/** Inserts a chat with its first entry and its members. False when it exists already. */
export async function createChat(
  tx: Tx,
  chat: Chat,
  creatorId: string,
  members: readonly string[],
  key: IdempotencyKey | undefined,
): Promise<boolean> {
  await lockActiveUsers(tx, members);
  if (!(await insertChat(tx, chat, creatorId, key))) return false;
  const title = chat.kind === "group" ? chat.title : null;
  const entry = { type: "created", userId: creatorId, memberIds: members, title } as const;
  const after = await appendEntry(tx, chat, entry, chat.createTime);
  const roleOf = (id: string) => (chat.kind === "group" && id === creatorId ? "owner" : "member");
  await insertMemberships(
    tx,
    members.map((id) => newMembership(after, id, roleOf(id))),
  );
  await saveChat(tx, after);
  return true;
}
