import { UserService } from "@plaza/contract/users/v1/users";
import { defineService } from "@plaza/kit/runtime/service";
import { indexTask } from "@plaza/kit/text/index-task";
import { userEventHandlers } from "./event-handlers.ts";
import { seed } from "./seed.ts";
import { userService } from "./service.ts";
import { findUnindexedProfiles, indexProfile } from "./store.ts";

export const users = defineService({
  name: "users",
  contract: UserService,
  migrations: new URL("./migrations/", import.meta.url),
  create: (deps) => ({
    implementation: userService(deps),
    eventHandlers: userEventHandlers,
    tasks: [indexTask(deps.db, "profile", findUnindexedProfiles, indexProfile)],
    seed: () => seed(deps),
  }),
});
