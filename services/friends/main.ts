import { FriendService } from "@plaza/contract/friends/v1/friends";
import { defineService, type Service } from "@plaza/kit/runtime/service";
import { createContext, type ServiceContext } from "./context.ts";
import { friendEventHandlers } from "./event-handlers.ts";
import { seed } from "./seed.ts";
import { friendService } from "./service.ts";

export const friends = defineFriendsService({});

/** The service with another lock; tests leave it out, to see that this is noticed. */
export function defineFriendsService(others: Partial<Pick<ServiceContext, "lockPeople">>): Service {
  return defineService({
    name: "friends",
    contract: FriendService,
    migrations: new URL("./migrations/", import.meta.url),
    create(deps) {
      const shared = { ...createContext(deps), ...others };
      return {
        implementation: friendService(shared),
        eventHandlers: friendEventHandlers,
        seed: () => seed(shared),
      };
    },
  });
}
