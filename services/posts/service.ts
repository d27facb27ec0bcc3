import type { ServiceImpl } from "@connectrpc/connect";
import type { PostService } from "@plaza/contract/posts/v1/posts";
import type { Deps } from "@plaza/kit/runtime/service";
import { createPostPresenter } from "./post-presenter.ts";
import { postReads } from "./reads.ts";
import { postWrites } from "./writes.ts";

export function postService(deps: Deps): ServiceImpl<typeof PostService> {
  const present = createPostPresenter(deps);
  return { ...postReads(deps, present), ...postWrites(deps, present) };
}
