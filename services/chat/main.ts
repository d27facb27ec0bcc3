import { ChatService } from "@plaza/contract/chat/v1/chat";
import { defineService, type Service } from "@plaza/kit/runtime/service";
import { createContext, type ServiceContext } from "./context.ts";
import { chatEventHandlers } from "./jobs/event-handlers.ts";
import { seed } from "./seed.ts";
import { chatService } from "./service.ts";

export const chat = defineChatService({});

/** The service with other parts; tests leave out a lock, or plant a fault, to see that this is noticed. */
export function defineChatService(
  others: Partial<Pick<ServiceContext, "lockChats" | "subscribe">>,
): Service {
  return defineService({
    name: "chat",
    contract: ChatService,
    migrations: new URL("./migrations/", import.meta.url),
    create(deps) {
      const shared = { ...createContext(deps), ...others };
      const { hub, presence, relationNotifier } = shared;
      return {
        implementation: chatService(shared),
        eventHandlers: chatEventHandlers(shared),
        tasks: [
          { name: "look for new entries", intervalMs: 1_000, run: () => hub.poll() },
          { name: "tell of relations", intervalMs: 250, run: () => relationNotifier.flush() },
          { name: "say who is there", intervalMs: 30_000, run: () => presence.heartbeat() },
        ],
        seed: () => seed(shared, deps),
        closeStreams: () => hub.close(),
      };
    },
  });
}
