import { type Chat, Chat_Kind } from "@plaza/contract/chat/v1/chats";
import { displayName } from "../people/names.ts";

export function isDirectChat({ kind }: Chat): boolean {
  return kind === Chat_Kind.DIRECT;
}

/** The member of a direct chat who is not the user. */
export function otherMember({ members }: Chat, userId: string) {
  return members.find((member) => member.userId !== userId);
}

/** The title of a group; for a direct chat, the other member's name. */
export function chatTitle(chat: Chat, userId: string): string {
  return isDirectChat(chat) ? displayName(otherMember(chat, userId)?.user ?? null) : chat.title;
}
