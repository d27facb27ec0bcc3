import type { HandlerContext } from "@connectrpc/connect";
import { type Post as PostMessage, PostSchema } from "@plaza/contract/posts/v1/posts";
import { createUserCardLoader } from "@plaza/kit/clients/user-cards";
import { includesField, parseReadMask, prune, type ReadMask } from "@plaza/kit/rpc/field-mask";
import type { Deps } from "@plaza/kit/runtime/service";
import type { Post } from "./domain.ts";
import { toPost } from "./mappers.ts";

/** Presents a post with its author's card, the same in answers to reads and to writes. */
export type PresentPost = (
  post: Post,
  context: HandlerContext,
  mask?: ReadMask,
) => Promise<PostMessage>;

export function createPostPresenter(deps: Deps): PresentPost {
  const findCard = createUserCardLoader(deps);
  return async (post, context, mask = parseReadMask(PostSchema, undefined)) => {
    const author = includesField(mask, "author")
      ? await findCard(post.authorId, context)
      : undefined;
    return prune(PostSchema, toPost(post, author), mask);
  };
}
