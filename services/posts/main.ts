import { PostService } from "@plaza/contract/posts/v1/posts";
import { defineService } from "@plaza/kit/runtime/service";
import { indexTask } from "@plaza/kit/text/index-task";
import { postEventHandlers } from "./event-handlers.ts";
import { seed } from "./seed.ts";
import { postService } from "./service.ts";
import { findUnindexedPosts, indexPost } from "./store.ts";

export const posts = defineService({
  name: "posts",
  contract: PostService,
  migrations: new URL("./migrations/", import.meta.url),
  create: (deps) => ({
    implementation: postService(deps),
    eventHandlers: postEventHandlers,
    tasks: [indexTask(deps.db, "post", findUnindexedPosts, indexPost)],
    seed: () => seed(deps),
  }),
});
