import { SearchOrder } from "@plaza/contract/kit/v1/search";
import type { Post } from "@plaza/contract/posts/v1/posts";
import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { posts } from "../lib/clients.ts";
import { pageOptions, refreshLists } from "../lib/list-queries.ts";

type PostsPage = { posts: Post[]; nextPageToken: string };

/** What lists show of a post: everything but its body. */
const postListReadMask = {
  paths: ["id", "author_id", "title", "excerpt", "author", "create_time", "update_time"],
};

const authorReadMask = {
  paths: ["id", "nickname", "first_name", "last_name", "about", "phone", "address", "create_time"],
};

/** The sort orders of search results by the value of the search parameter `order`. */
const orderByName = { newest: SearchOrder.NEWEST, relevance: SearchOrder.RELEVANCE };

export type PostOrdering = keyof typeof orderByName;

export const postOrderings = Object.keys(orderByName) as PostOrdering[];

/** The sort order that a search parameter names; newest first for any other text. */
export function toPostOrdering(text: string | null): PostOrdering {
  return postOrderings.find((one) => one === text) ?? "newest";
}

export type PostsQuery = {
  readonly authorId?: string;
  readonly search?: string;
  /** Of a search. */
  readonly order?: PostOrdering;
};

/** All posts, those of one author, or those that a search finds. */
export function postsQuery({ authorId = "", search = "", order = "newest" }: PostsQuery) {
  return infiniteQueryOptions({
    queryKey: ["posts", { authorId, search, order }],
    queryFn: ({ pageParam: pageToken, signal }): Promise<PostsPage> =>
      search
        ? posts.searchPosts(
            { query: search, order: orderByName[order], pageToken, readMask: postListReadMask },
            { signal },
          )
        : posts.listPosts({ authorId, pageToken, readMask: postListReadMask }, { signal }),
    ...pageOptions,
    select: ({ pages }) => pages.flatMap((page) => page.posts),
  });
}

export function postQuery(id: string) {
  return queryOptions({
    queryKey: ["post", id],
    queryFn: ({ signal }) => posts.getPost({ id }, { signal }),
  });
}

/** The author's profile as far as the reader may see it. */
export function postAuthorQuery(id: string) {
  return queryOptions({
    queryKey: ["post", id, "author"],
    queryFn: ({ signal }) => posts.getPostAuthor({ id, readMask: authorReadMask }, { signal }),
  });
}

/** Refreshes the lists of posts, after one has changed. */
export function refreshPostLists(client: QueryClient): Promise<void> {
  return refreshLists(client, ["posts"]);
}
