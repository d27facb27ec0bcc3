import { createClient } from "@connectrpc/connect";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { FriendService } from "@plaza/contract/friends/v1/friends";
import { transport } from "./transport.ts";

// Services that only members call. A file of their own keeps their contracts from visitors.
export const friends = createClient(FriendService, transport);
export const chats = createClient(ChatService, transport);
