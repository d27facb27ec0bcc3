import type { Post } from "@plaza/contract/posts/v1/posts";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { t } from "../../lib/messages.ts";
import { InfiniteList } from "../../ui/infinite-list.tsx";
import { type PostsQuery, postsQuery } from "../post-queries.ts";
import { Byline } from "./byline.tsx";
import { PostListSkeleton } from "./post-list-skeleton.tsx";

type PostListProps = PostsQuery & { empty: ReactNode };

export function PostList({ empty, ...posts }: PostListProps) {
  const query = useInfiniteQuery(postsQuery(posts));
  return (
    <InfiniteList
      label={t("posts.list.label")}
      query={query}
      keyOf={(post) => post.id}
      skeleton={<PostListSkeleton />}
      empty={empty}
    >
      {(post) => <PostRow post={post} />}
    </InfiniteList>
  );
}

function PostRow({ post }: { post: Post }) {
  return (
    <li className="border-b border-line py-7 last:border-0">
      <article>
        <Byline post={post} />
        <h2 dir="auto" className="mt-2.5 font-serif text-xl font-semibold">
          <Link
            to={`/posts/${post.id}`}
            className="touch-target decoration-accent decoration-2 underline-offset-4 hover:text-accent hover:underline"
          >
            {post.title}
          </Link>
        </h2>
        <p dir="auto" className="mt-1.5 line-clamp-3 font-serif text-soft">
          {post.excerpt}
        </p>
      </article>
    </li>
  );
}
