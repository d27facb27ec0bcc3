import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  type ListPostsRequest,
  type Post as PostMessage,
  PostSchema,
  type PostService,
} from "@plaza/contract/posts/v1/posts";
import { UserSchema, UserService } from "@plaza/contract/users/v1/users";
import { userCards } from "@plaza/kit/clients/user-cards";
import { batchedReads } from "@plaza/kit/db/batch";
import { forward } from "@plaza/kit/rpc/call-options";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { prune, type ReadMask, readMask, selects } from "@plaza/kit/rpc/field-mask";
import { page, pageKey, pageSize, uuid } from "@plaza/kit/rpc/pagination";
import type { Deps } from "@plaza/kit/runtime/service";

import { noSuchPost, noSuchUser, type Post } from "./domain.ts";
import { toPost } from "./mappers.ts";
import * as store from "./store.ts";

type Reads = "getPost" | "getPostAuthor" | "listPosts" | "searchPosts";

type PageRequest = Pick<ListPostsRequest, "pageSize" | "pageToken" | "readMask">;

export function postReads(deps: Deps): Pick<ServiceImpl<typeof PostService>, Reads> {
  const { db, client } = deps;
  const users = client(UserService);
  const findCard = userCards(deps);
  const findPost = batchedReads({
    read: (ids: string[]) => store.findPosts(db, ids),
    keyOf: ({ id }) => id,
  });

  async function show(post: Post, mask: ReadMask, context: HandlerContext): Promise<PostMessage> {
    const author = selects(mask, "author") ? await findCard(post.authorId, context) : undefined;
    return prune(PostSchema, toPost(post, author), mask);
  }

  async function showPage(
    request: PageRequest,
    context: HandlerContext,
    list: (before: string, limit: number) => Promise<Post[]>,
  ) {
    const mask = readMask(PostSchema, request.readMask);
    const size = pageSize(request.pageSize);
    const [before = store.maxUuid] = pageKey(request.pageToken, [uuid]) ?? [];
    const { rows, nextPageToken } = page(await list(before, size + 1), size, ({ id }) => [id]);
    return {
      posts: await Promise.all(rows.map((post) => show(post, mask, context))),
      nextPageToken,
    };
  }

  return {
    async getPost(request, context) {
      const mask = readMask(PostSchema, request.readMask);
      const post = (await findPost(request.id.toLowerCase())) ?? noSuchPost(request.id);
      return show(post, mask, context);
    },

    async getPostAuthor(request, context) {
      readMask(UserSchema, request.readMask);
      const post = (await findPost(request.id.toLowerCase())) ?? noSuchPost(request.id);
      const author = { id: post.authorId, readMask: request.readMask };
      return users.getUser(author, forward(context)).catch((err: unknown) => {
        throw reasonOf(err) === "NO_SUCH_USER" ? noSuchUser() : err;
      });
    },

    async listPosts(request, context) {
      const { authorId } = request;
      return showPage(request, context, (before, limit) =>
        authorId
          ? store.listPostsByAuthor(db, authorId, before, limit)
          : store.listPosts(db, before, limit),
      );
    },

    async searchPosts(request, context) {
      return showPage(request, context, (before, limit) =>
        store.searchPosts(db, request.query, before, limit),
      );
    },
  };
}
