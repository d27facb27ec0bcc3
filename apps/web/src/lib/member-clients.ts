import { createClient } from "@connectrpc/connect";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { FriendService } from "@plaza/contract/friends/v1/friends";
import { transport } from "./clients.ts";

// What only members call. Apart from the rest of the API, so that the first load goes without it.
export const friends = createClient(FriendService, transport);
export const chats = createClient(ChatService, transport);
