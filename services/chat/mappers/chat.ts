import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  Chat_Kind,
  type Chat as ChatMessage,
  ChatSchema,
  type Member,
  MemberSchema,
  Role as WireRole,
} from "@plaza/contract/chat/v1/chats";
import { type Message as MessageMessage, MessageSchema } from "@plaza/contract/chat/v1/messages";
import {
  Entry_Type,
  type Entry as EntryMessage,
  EntrySchema,
} from "@plaza/contract/chat/v1/stream";
import type { User } from "@plaza/contract/users/v1/users";
import type { ChatKind, MemberRole, Membership } from "../domain/chat.ts";
import type { EntryType, EntryWithMessage } from "../domain/entry.ts";
import type { Message } from "../domain/message.ts";
import type { ChatView } from "../store/chat-views.ts";

const protoKinds: Record<ChatKind, Chat_Kind> = {
  direct: Chat_Kind.DIRECT,
  group: Chat_Kind.GROUP,
};

const protoRoles: Record<MemberRole, WireRole> = {
  member: WireRole.MEMBER,
  moderator: WireRole.MODERATOR,
  owner: WireRole.OWNER,
};

const protoEntryTypes: Record<EntryType, Entry_Type> = {
  created: Entry_Type.CREATED,
  posted: Entry_Type.POSTED,
  edited: Entry_Type.EDITED,
  deleted: Entry_Type.DELETED,
  reacted: Entry_Type.REACTED,
  members_added: Entry_Type.MEMBERS_ADDED,
  member_removed: Entry_Type.MEMBER_REMOVED,
  member_left: Entry_Type.MEMBER_LEFT,
  role_changed: Entry_Type.ROLE_CHANGED,
  title_changed: Entry_Type.TITLE_CHANGED,
};

export function toChat(view: ChatView, members: Member[], last: Message | undefined): ChatMessage {
  const { id, kind, title, memberCount, role, lastSeq, messageCount, readNumber } = view;
  return create(ChatSchema, {
    id,
    kind: protoKinds[kind],
    title,
    members,
    memberCount,
    role: protoRoles[role],
    lastSeq,
    messageCount,
    unreadCount: messageCount - readNumber,
    ...(last && { lastMessage: toMessage(last) }),
    blocked: view.isBlocked,
    createTime: timestampFromDate(view.createTime),
    activeTime: timestampFromDate(view.activeTime),
  });
}

export function toMember(one: Membership, user: User | undefined): Member {
  const { userId, role, readNumber, fromSeq } = one;
  return create(MemberSchema, {
    userId,
    role: protoRoles[role],
    readNumber,
    sinceSeq: fromSeq,
    user,
  });
}

export function toMessage(message: Message): MessageMessage {
  const { chatId, seq, number, senderId, text, replyToSeq, editTime, deleteTime } = message;
  return create(MessageSchema, {
    chatId,
    seq,
    number,
    senderId: senderId ?? "",
    text,
    replyToSeq,
    reactions: message.reactions.map(({ emoji, userIds }) => ({ emoji, userIds: [...userIds] })),
    createTime: timestampFromDate(message.createTime),
    ...(editTime && { editTime: timestampFromDate(editTime) }),
    ...(deleteTime && { deleteTime: timestampFromDate(deleteTime) }),
  });
}

export function toEntry({
  chatId,
  seq,
  type,
  message,
  role,
  ...entry
}: EntryWithMessage): EntryMessage {
  return create(EntrySchema, {
    chatId,
    seq,
    type: protoEntryTypes[type],
    userId: entry.userId ?? "",
    messageSeq: entry.messageSeq ?? 0,
    ...(message && { message: toMessage(message) }),
    memberIds: [...entry.memberIds],
    role: role ? protoRoles[role] : WireRole.UNSPECIFIED,
    title: entry.title ?? "",
    createTime: timestampFromDate(entry.createTime),
  });
}

export function fromRole(role: WireRole): MemberRole {
  const found = Object.entries(protoRoles).find(([, value]) => value === role);
  return (found?.[0] ?? "member") as MemberRole;
}
