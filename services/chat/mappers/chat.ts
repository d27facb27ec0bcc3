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
import type { User } from "@plaza/contract/users/v1/users";
import type { ChatKind, ChatView, MemberRole, Membership } from "../domain/chat.ts";
import type { Message } from "../domain/message.ts";
import { toMessage } from "./message.ts";

const protoKinds: Record<ChatKind, Chat_Kind> = {
  direct: Chat_Kind.DIRECT,
  group: Chat_Kind.GROUP,
};

export const protoRoles: Record<MemberRole, WireRole> = {
  member: WireRole.MEMBER,
  moderator: WireRole.MODERATOR,
  owner: WireRole.OWNER,
};

export function toChat(view: ChatView, members: Member[], last: Message | undefined): ChatMessage {
  const { id, kind, title, memberCount, role, lastSeq, messageCount, readNumber, unreadCount } =
    view;
  return create(ChatSchema, {
    id,
    kind: protoKinds[kind],
    title,
    members,
    memberCount,
    role: protoRoles[role],
    lastSeq,
    messageCount,
    readNumber,
    unreadCount,
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

export function fromRole(role: WireRole): MemberRole {
  const found = Object.entries(protoRoles).find(([, value]) => value === role);
  return (found?.[0] ?? "member") as MemberRole;
}
