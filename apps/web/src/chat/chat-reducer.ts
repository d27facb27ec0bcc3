import { create } from "@bufbuild/protobuf";
import { type Chat, MemberSchema, Role } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { type Entry, Entry_Type as Type } from "@plaza/contract/chat/v1/stream";

/** A chat once it has gone on by an entry, as somebody sees it; undefined when entries between are missing. */
export function chatReducer(chat: Chat, entry: Entry, userId: string): Chat | undefined {
  if (entry.seq <= chat.lastSeq) return chat;
  if (entry.seq > chat.lastSeq + 1) return undefined;
  return reduceEntry({ ...chat, lastSeq: entry.seq }, entry, userId);
}

/** A chat once somebody has read up to a message. */
export function applyRead(chat: Chat, readerId: string, number: number, userId: string): Chat {
  const members = chat.members.map((member) =>
    member.userId === readerId && member.readNumber < number
      ? { ...member, readNumber: number }
      : member,
  );
  if (readerId !== userId) return { ...chat, members };
  const unreadCount = Math.min(chat.unreadCount, Math.max(0, chat.messageCount - number));
  return { ...chat, members, unreadCount };
}

/** Whether an entry takes somebody out of the chat. */
export function isRemovalOf({ type, memberIds }: Entry, userId: string): boolean {
  const isRemoval = type === Type.MEMBER_REMOVED || type === Type.MEMBER_LEFT;
  return isRemoval && memberIds.includes(userId);
}

/** The chat with the newest message first. */
export function compareByActivity(one: Chat, other: Chat): number {
  const [a, b] = [one.activeTime, other.activeTime];
  return Number((b?.seconds ?? 0n) - (a?.seconds ?? 0n)) || (b?.nanos ?? 0) - (a?.nanos ?? 0);
}

function reduceEntry(chat: Chat, entry: Entry, userId: string): Chat {
  const { memberIds, message, role, title } = entry;
  switch (entry.type) {
    case Type.POSTED:
      return message ? applyMessagePosted(chat, message, userId) : chat;
    case Type.EDITED:
    case Type.DELETED:
    case Type.REACTED:
      return message && message.seq === chat.lastMessage?.seq
        ? { ...chat, lastMessage: message }
        : chat;
    case Type.MEMBERS_ADDED:
      return applyMembersAdded(chat, memberIds);
    case Type.MEMBER_REMOVED:
    case Type.MEMBER_LEFT:
      return applyMembersRemoved(chat, memberIds);
    case Type.ROLE_CHANGED:
      return applyRoleChanged(chat, memberIds, role, userId);
    case Type.TITLE_CHANGED:
      return { ...chat, title };
    default:
      return chat;
  }
}

/** Whoever says something has read all that came before. */
function applyMessagePosted(chat: Chat, message: Message, userId: string): Chat {
  const { number, senderId, createTime } = message;
  const on = {
    ...chat,
    messageCount: number,
    lastMessage: message,
    unreadCount: chat.unreadCount + 1,
  };
  const read = applyRead(on, senderId, number, userId);
  return createTime ? { ...read, activeTime: createTime } : read;
}

/** Lists of chats leave out the members of groups, and count them all the same. */
function applyMembersAdded(chat: Chat, userIds: readonly string[]): Chat {
  const { messageCount: readNumber, lastSeq: sinceSeq } = chat;
  const more = userIds.map((userId) =>
    create(MemberSchema, { userId, role: Role.MEMBER, readNumber, sinceSeq }),
  );
  const memberCount = chat.memberCount + userIds.length;
  return { ...chat, memberCount, members: [...chat.members, ...more] };
}

function applyMembersRemoved(chat: Chat, userIds: readonly string[]): Chat {
  const members = chat.members.filter(({ userId }) => !userIds.includes(userId));
  return { ...chat, memberCount: chat.memberCount - userIds.length, members };
}

/** There is one owner: whoever was it before is a moderator then. */
function applyRoleChanged(
  chat: Chat,
  userIds: readonly string[],
  role: Role,
  userId: string,
): Chat {
  const roleOf = (id: string, before: Role) => {
    if (userIds.includes(id)) return role;
    return role === Role.OWNER && before === Role.OWNER ? Role.MODERATOR : before;
  };
  const members = chat.members.map((member) => ({
    ...member,
    role: roleOf(member.userId, member.role),
  }));
  return { ...chat, members, role: roleOf(userId, chat.role) };
}
