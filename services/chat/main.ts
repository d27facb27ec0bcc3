import { ChatService } from "@plaza/contract/chat/v1/chat";
import { defineService } from "@plaza/kit/runtime/service";
import { indexTask } from "@plaza/kit/text/index-task";
import { createContext } from "./context.ts";
import { chatEventHandlers } from "./jobs/event-handlers.ts";
import { seed } from "./seed.ts";
import { chatService } from "./service.ts";
import { findUnindexedMessages, indexMessage } from "./store/search-messages.ts";

export const chat = defineService({
  name: "chat",
  contract: ChatService,
  migrations: new URL("./migrations/", import.meta.url),
  create(deps) {
    const context = createContext(deps);
    const { hub, presence, relationNotifier } = context;
    return {
      implementation: chatService(context),
      eventHandlers: chatEventHandlers(context),
      tasks: [
        { name: "poll entries", intervalMs: 1_000, run: () => hub.poll() },
        { name: "flush relation changes", intervalMs: 250, run: () => relationNotifier.flush() },
        indexTask(deps.db, "message", findUnindexedMessages, indexMessage),
        { name: "renew presence", intervalMs: 30_000, run: () => presence.heartbeat() },
      ],
      seed: () => seed(deps),
      closeStreams: () => hub.close(),
    };
  },
});
