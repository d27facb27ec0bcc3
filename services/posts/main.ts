import { PostService } from "@plaza/contract/posts/v1/posts";
import { defineService } from "@plaza/kit/runtime/service";
import { postEventHandlers } from "./event-handlers.ts";
import { seed } from "./seed.ts";
import { postService } from "./service.ts";

export const posts = defineService({
  name: "posts",
  contract: PostService,
  migrations: new URL("./migrations/", import.meta.url),
  create: (deps) => ({
    implementation: postService(deps),
    eventHandlers: postEventHandlers,
    seed: () => seed(deps),
  }),
});
