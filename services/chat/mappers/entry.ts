import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Role as WireRole } from "@plaza/contract/chat/v1/chats";
import {
  Entry_Type,
  type Entry as EntryMessage,
  EntrySchema,
} from "@plaza/contract/chat/v1/stream";
import type { EntryType, EntryWithMessage } from "../domain/entry.ts";
import { protoRoles } from "./chat.ts";
import { toMessage } from "./message.ts";

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
