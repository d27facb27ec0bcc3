import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import { chatReads } from "./chat-reads.ts";
import { chatWrites } from "./chat-writes.ts";
import { entryReads } from "./entry-reads.ts";
import { memberWrites } from "./member-writes.ts";
import { messageReads } from "./message-reads.ts";
import { messageWrites } from "./message-writes.ts";
import type { Parts } from "./parts.ts";
import { presence } from "./presence.ts";

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
