import { UserService } from "@plaza/contract/users/v1/users";
import { defineService } from "@plaza/kit/runtime/service";
import { userEventHandlers } from "./event-handlers.ts";
import { seed } from "./seed.ts";
import { userService } from "./service.ts";

export const users = defineService({
  name: "users",
  contract: UserService,
  migrations: new URL("./migrations/", import.meta.url),
  create: (deps) => ({
    implementation: userService(deps),
    eventHandlers: userEventHandlers,
    seed: () => seed(deps),
  }),
});
