import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Message as MessageMessage } from "@plaza/contract/chat/v1/messages";
import { MessageSchema } from "@plaza/contract/chat/v1/messages";
import type { Message } from "../domain/message.ts";

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
