import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import type { Parts } from "./context.ts";
import { chatReads } from "./rpc/chat-reads.ts";
import { chatWrites } from "./rpc/chat-writes.ts";
import { entryReads } from "./rpc/entry-reads.ts";
import { presence } from "./rpc/live.ts";
import { memberWrites } from "./rpc/member-writes.ts";
import { messageReads } from "./rpc/message-reads.ts";
import { messageWrites } from "./rpc/message-writes.ts";

export function chatService(parts: Parts): ServiceImpl<typeof ChatService> {
  return {
    ...chatReads(parts),
    ...chatWrites(parts),
    ...memberWrites(parts),
    ...entryReads(parts),
    ...messageReads(parts),
    ...messageWrites(parts),
    ...presence(parts),
  };
}
