import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  type ListPostsRequest,
  type Post as PostMessage,
  PostSchema,
  type PostService,
} from "@plaza/contract/posts/v1/posts";
import { UserSchema, UserService } from "@plaza/contract/users/v1/users";
import { createUserCardLoader } from "@plaza/kit/clients/user-cards";
import { batchedReads } from "@plaza/kit/db/batch";
import { propagate } from "@plaza/kit/rpc/call-options";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { includesField, parseReadMask, prune, type ReadMask } from "@plaza/kit/rpc/field-mask";
import {
  maxUuid,
  pageSize,
  paginate,
  parsePageToken,
  uuidPattern,
} from "@plaza/kit/rpc/pagination";
import type { Deps } from "@plaza/kit/runtime/service";

import { noSuchPost, noSuchUser, type Post } from "./domain.ts";
import { toPost } from "./mappers.ts";
import * as store from "./store.ts";

type Reads = "getPost" | "getPostAuthor" | "listPosts" | "searchPosts";

type PageRequest = Pick<ListPostsRequest, "pageSize" | "pageToken" | "readMask">;

export function postReads(deps: Deps): Pick<ServiceImpl<typeof PostService>, Reads> {
  const { db, client } = deps;
  const users = client(UserService);
  const findCard = createUserCardLoader(deps);
  const findPost = batchedReads({
    read: (ids: string[]) => store.findPosts(db, ids),
    keyOf: ({ id }) => id,
  });

  async function present(
    post: Post,
    mask: ReadMask,
    context: HandlerContext,
  ): Promise<PostMessage> {
    const author = includesField(mask, "author")
      ? await findCard(post.authorId, context)
      : undefined;
    return prune(PostSchema, toPost(post, author), mask);
  }

  async function presentPage(
    request: PageRequest,
    context: HandlerContext,
    list: (before: string, limit: number) => Promise<Post[]>,
  ) {
    const mask = parseReadMask(PostSchema, request.readMask);
    const size = pageSize(request.pageSize);
    const [before = maxUuid] = parsePageToken(request.pageToken, [uuidPattern]) ?? [];
    const { rows, nextPageToken } = paginate(await list(before, size + 1), size, ({ id }) => [id]);
    return {
      posts: await Promise.all(rows.map((post) => present(post, mask, context))),
      nextPageToken,
    };
  }

  return {
    async getPost(request, context) {
      const mask = parseReadMask(PostSchema, request.readMask);
      const post = (await findPost(request.id.toLowerCase())) ?? noSuchPost(request.id);
      return present(post, mask, context);
    },

    async getPostAuthor(request, context) {
      parseReadMask(UserSchema, request.readMask);
      const post = (await findPost(request.id.toLowerCase())) ?? noSuchPost(request.id);
      const author = { id: post.authorId, readMask: request.readMask };
      return users.getUser(author, propagate(context)).catch((err: unknown) => {
        throw reasonOf(err) === "NO_SUCH_USER" ? noSuchUser() : err;
      });
    },

    async listPosts(request, context) {
      const { authorId } = request;
      return presentPage(request, context, (before, limit) =>
        authorId
          ? store.listPostsByAuthor(db, authorId, before, limit)
          : store.listPosts(db, before, limit),
      );
    },

    async searchPosts(request, context) {
      return presentPage(request, context, (before, limit) =>
        store.searchPosts(db, request.query, before, limit),
      );
    },
  };
}
