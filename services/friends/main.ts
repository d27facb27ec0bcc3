import { FriendService } from "@plaza/contract/friends/v1/friends";
import { defineService, type Service } from "@plaza/kit/runtime/service";
import { type Parts, parts } from "./context.ts";
import { friendFollows } from "./event-handlers.ts";
import { seed } from "./seed.ts";
import { friendService } from "./service.ts";

export const friends = friendsWith({});

/** The service with another lock; tests leave it out, to see that this is noticed. */
export function friendsWith(others: Partial<Pick<Parts, "lockPeople">>): Service {
  return defineService({
    name: "friends",
    contract: FriendService,
    migrations: new URL("./migrations/", import.meta.url),
    create(deps) {
      const shared = { ...parts(deps), ...others };
      return {
        implementation: friendService(shared),
        follows: friendFollows,
        seed: () => seed(shared),
      };
    },
  });
}
