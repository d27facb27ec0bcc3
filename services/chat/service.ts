import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import type { ServiceContext } from "./context.ts";
import { chatReads } from "./rpc/chat-reads.ts";
import { chatWrites } from "./rpc/chat-writes.ts";
import { entryReads } from "./rpc/entry-reads.ts";
import { liveMethods } from "./rpc/live-methods.ts";
import { memberWrites } from "./rpc/member-writes.ts";
import { messageReads } from "./rpc/message-reads.ts";
import { messageWrites } from "./rpc/message-writes.ts";

export function chatService(deps: ServiceContext): ServiceImpl<typeof ChatService> {
  return {
    ...chatReads(deps),
    ...chatWrites(deps),
    ...memberWrites(deps),
    ...entryReads(deps),
    ...messageReads(deps),
    ...messageWrites(deps),
    ...liveMethods(deps),
  };
}
