import { type Chat, Chat_Kind } from "@plaza/contract/chat/v1/chats";

export function isDirectChat({ kind }: Chat): boolean {
  return kind === Chat_Kind.DIRECT;
}

/** The other one of a direct chat. */
export function otherMember({ members }: Chat, userId: string) {
  return members.find((member) => member.userId !== userId);
}

/** What a chat is called: a group by its title, a direct chat by the other one. */
export function chatTitle(chat: Chat, userId: string): string {
  return isDirectChat(chat)
    ? (otherMember(chat, userId)?.user?.nickname ?? "A former member")
    : chat.title;
}
