import { FriendService } from "@plaza/contract/friends/v1/friends";
import { defineService } from "@plaza/kit/runtime/service";
import { createContext } from "./context.ts";
import { friendEventHandlers } from "./event-handlers.ts";
import { seed } from "./seed.ts";
import { friendService } from "./service.ts";
import { sweep } from "./sweep.ts";

export const friends = defineService({
  name: "friends",
  contract: FriendService,
  migrations: new URL("./migrations/", import.meta.url),
  create(deps) {
    const context = createContext(deps);
    return {
      implementation: friendService(context),
      eventHandlers: friendEventHandlers,
      tasks: [{ name: "forget old declines", intervalMs: 3_600_000, run: () => sweep(context) }],
      seed: () => seed(context),
    };
  },
});
