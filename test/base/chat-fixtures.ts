import { randomUUID } from "node:crypto";
import { createClient, type Transport } from "@connectrpc/connect";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { ChatSchema } from "@plaza/contract/chat/v1/chats";
import { MessageSchema } from "@plaza/contract/chat/v1/messages";
import type { TestChatUser } from "../../services/chat/testing/subscription-recorder.ts";
import { type Member, register } from "./accounts.ts";

/** A member with a chat client. */
export type ChatMember = Member & TestChatUser;

/** Makes two users friends. */
export async function befriend(one: Member, other: Member): Promise<void> {
  await one.request("POST /v1/friends:request", { userId: other.id });
  await other.request(`POST /v1/friends/${one.id}:confirm`, {});
}

/** Registers a user with a chat client over the transport, which sends their access token. */
export async function registerChatMember(
  url: string,
  transport: (headers: Readonly<Record<string, string>>) => Transport,
): Promise<ChatMember> {
  const member = await register(url);
  const headers = { authorization: `Bearer ${member.accessToken}` };
  return { ...member, chats: createClient(ChatService, transport(headers)) };
}

/** Sends a message. */
export function sendMessage({ chats }: TestChatUser, chatId: string, text = "Hello.") {
  return chats.sendMessage({ chatId, text, idempotencyKey: randomUUID() });
}

/** Makes two users friends, and a group of them; returns its ids by the names of fields. */
export async function createChatFieldValues(
  owner: Member,
  friend: Member,
): Promise<Record<string, unknown>> {
  await befriend(owner, friend);
  return createGroupFieldValues(owner, friend);
}

/** Creates a group of two friends with a message; returns its ids by the names of fields. */
export async function createGroupFieldValues(
  owner: Member,
  friend: Member,
): Promise<Record<string, unknown>> {
  const [memberIds, userId] = [[friend.id], friend.id];
  const chat = await owner.request("POST /v1/chats", { title: "A group", memberIds });
  const { id } = chat.as(ChatSchema);
  const message = { text: "Hello.", idempotencyKey: randomUUID() };
  const { seq } = (await owner.request(`POST /v1/chats/${id}/messages`, message)).as(MessageSchema);
  const about = { id, chatId: id, seq, replyToSeq: seq, since: [`${id}:${seq}`] };
  return { ...about, memberIds, userId, userIds: memberIds, emoji: "👍", role: "ROLE_MODERATOR" };
}
