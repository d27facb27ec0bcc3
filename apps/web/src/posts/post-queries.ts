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

/** All posts, those of one author, or those that a search finds. */
export function postsQuery({ authorId = "", search = "" }) {
  return infiniteQueryOptions({
    queryKey: ["posts", { authorId, search }],
    queryFn: ({ pageParam: pageToken, signal }): Promise<PostsPage> =>
      search
        ? posts.searchPosts({ query: search, pageToken, readMask: postListReadMask }, { signal })
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
