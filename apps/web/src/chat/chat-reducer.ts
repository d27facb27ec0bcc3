import { create } from "@bufbuild/protobuf";
import { type Chat, MemberSchema, Role } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { type Entry, Entry_Type as Type } from "@plaza/contract/chat/v1/stream";

/** Applies a log entry to a chat as `userId` sees it; returns undefined when entries before it are missing. */
export function chatReducer(chat: Chat, entry: Entry, userId: string): Chat | undefined {
  if (entry.seq <= chat.lastSeq) return chat;
  if (entry.seq > chat.lastSeq + 1) return undefined;
  return reduceEntry({ ...chat, lastSeq: entry.seq }, entry, userId);
}

/** Advances the read cursor of a member to the `number`th message; for `userId`, also lowers the unread count. */
export function applyRead(chat: Chat, readerId: string, number: number, userId: string): Chat {
  const members = chat.members.map((member) =>
    member.userId === readerId && member.readNumber < number
      ? { ...member, readNumber: number }
      : member,
  );
  if (readerId !== userId) return { ...chat, members };
  const unreadCount = Math.min(chat.unreadCount, Math.max(0, chat.messageCount - number));
  return { ...chat, members, unreadCount, readNumber: Math.max(chat.readNumber, number) };
}

/** Whether an entry removes `userId` from the chat. */
export function isRemovalOf({ type, memberIds }: Entry, userId: string): boolean {
  const isRemoval = type === Type.MEMBER_REMOVED || type === Type.MEMBER_LEFT;
  return isRemoval && memberIds.includes(userId);
}

/** Sorts the chat with the most recent activity first. */
export function compareByActivity(one: Chat, other: Chat): number {
  const [a, b] = [one.activeTime, other.activeTime];
  return Number((b?.seconds ?? 0n) - (a?.seconds ?? 0n)) || (b?.nanos ?? 0) - (a?.nanos ?? 0);
}

function reduceEntry(chat: Chat, entry: Entry, userId: string): Chat {
  const { memberIds, message, role, title } = entry;
  switch (entry.type) {
    case Type.POSTED:
      return message ? applyMessagePosted(chat, message, userId) : chat;
    case Type.DELETED:
      return message ? applyMessageDeleted(applyMessageChanged(chat, message), message) : chat;
    case Type.EDITED:
    case Type.REACTED:
      return message ? applyMessageChanged(chat, message) : chat;
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

/** Posting a message also marks the chat as read by its sender. */
function applyMessagePosted(chat: Chat, message: Message, userId: string): Chat {
  const { number, senderId, createTime } = message;
  const posted = {
    ...chat,
    messageCount: number,
    lastMessage: message,
    unreadCount: chat.unreadCount + 1,
  };
  const read = applyRead(posted, senderId, number, userId);
  return createTime ? { ...read, activeTime: createTime } : read;
}

function applyMessageChanged(chat: Chat, message: Message): Chat {
  return message.seq === chat.lastMessage?.seq ? { ...chat, lastMessage: message } : chat;
}

/** A deleted message is not unread any more. */
function applyMessageDeleted(chat: Chat, { number }: Message): Chat {
  if (number <= chat.readNumber) return chat;
  return { ...chat, unreadCount: Math.max(0, chat.unreadCount - 1) };
}

/** ListChats leaves out the members of groups, hence their count is kept apart. */
function applyMembersAdded(chat: Chat, userIds: readonly string[]): Chat {
  const { messageCount: readNumber, lastSeq: sinceSeq } = chat;
  const added = userIds.map((userId) =>
    create(MemberSchema, { userId, role: Role.MEMBER, readNumber, sinceSeq }),
  );
  const memberCount = chat.memberCount + userIds.length;
  return { ...chat, memberCount, members: [...chat.members, ...added] };
}

function applyMembersRemoved(chat: Chat, userIds: readonly string[]): Chat {
  const members = chat.members.filter(({ userId }) => !userIds.includes(userId));
  return { ...chat, memberCount: chat.memberCount - userIds.length, members };
}

/** A chat has one owner: the former one becomes a moderator. */
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
