import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { SearchOrder } from "@plaza/contract/kit/v1/search";
import {
  type ListPostsRequest,
  PostSchema,
  type PostService,
} from "@plaza/contract/posts/v1/posts";
import { UserSchema, UserService } from "@plaza/contract/users/v1/users";
import { batchedReads } from "@plaza/kit/db/batch";
import { propagate } from "@plaza/kit/rpc/call-options";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { parseReadMask } from "@plaza/kit/rpc/field-mask";
import {
  maxUuid,
  pageSize,
  paginate,
  parsePageToken,
  uuidPattern,
} from "@plaza/kit/rpc/pagination";
import { searchPage } from "@plaza/kit/rpc/search-page";
import type { Deps } from "@plaza/kit/runtime/service";
import { byRelevance } from "@plaza/kit/text/search-rows";
import { noSuchPost, noSuchUser, type Post } from "./domain.ts";
import type { PresentPost } from "./post-presenter.ts";
import * as store from "./store.ts";

type Reads = "getPost" | "getPostAuthor" | "listPosts" | "searchPosts";

type PageRequest = Pick<ListPostsRequest, "pageSize" | "pageToken" | "readMask">;

export function postReads(
  { db, client }: Deps,
  present: PresentPost,
): Pick<ServiceImpl<typeof PostService>, Reads> {
  const users = client(UserService);
  const findPost = batchedReads({
    read: (ids: string[]) => store.findPosts(db, ids),
    keyOf: ({ id }) => id,
  });

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
      posts: await Promise.all(rows.map((post) => present(post, context, mask))),
      nextPageToken,
    };
  }

  return {
    async getPost(request, context) {
      const mask = parseReadMask(PostSchema, request.readMask);
      const id = request.id.toLowerCase();
      const post = (await findPost(id)) ?? noSuchPost(id, await store.isDeletedPost(db, id));
      return present(post, context, mask);
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
      const mask = parseReadMask(PostSchema, request.readMask);
      const order = request.order === SearchOrder.RELEVANCE ? byRelevance : undefined;
      const { rows, nextPageToken } = await searchPage(db, request, order, store.searchPosts);
      const posts = await Promise.all(rows.map((post) => present(post, context, mask)));
      return { posts, nextPageToken };
    },
  };
}
