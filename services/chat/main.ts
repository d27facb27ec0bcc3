import { ChatService } from "@plaza/contract/chat/v1/chat";
import { defineService, type Service } from "@plaza/kit/runtime/service";
import { type Parts, parts } from "./context.ts";
import { chatFollows } from "./jobs/event-handlers.ts";
import { seed } from "./seed.ts";
import { chatService } from "./service.ts";

export const chat = chatWith({});

/** The service with other parts; tests leave out a lock, or plant a fault, to see that this is noticed. */
export function chatWith(others: Partial<Pick<Parts, "lockChats" | "follow">>): Service {
  return defineService({
    name: "chat",
    contract: ChatService,
    migrations: new URL("./migrations/", import.meta.url),
    create(deps) {
      const shared = { ...parts(deps), ...others };
      const { hub, signals, relations } = shared;
      return {
        implementation: chatService(shared),
        follows: chatFollows(shared),
        tasks: [
          { name: "look for new entries", everyMs: 1_000, run: () => hub.look() },
          { name: "tell of relations", everyMs: 250, run: () => relations.tell() },
          { name: "say who is there", everyMs: 30_000, run: () => signals.renew() },
        ],
        seed: () => seed(shared, deps),
        drain: () => hub.close(),
      };
    },
  });
}
