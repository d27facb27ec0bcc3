import { FriendService } from "@plaza/contract/friends/v1/friends";
import { defineService } from "@plaza/kit/runtime/service";
import { friendEventHandlers } from "./event-handlers.ts";
import { seed } from "./seed.ts";
import { friendService } from "./service.ts";

export const friends = defineService({
  name: "friends",
  contract: FriendService,
  migrations: new URL("./migrations/", import.meta.url),
  create: (deps) => ({
    implementation: friendService(deps),
    eventHandlers: friendEventHandlers,
    seed: () => seed(deps),
  }),
});
