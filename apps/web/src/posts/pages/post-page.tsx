import type { Post } from "@plaza/contract/posts/v1/posts";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { timestampMs } from "../../lib/timestamps.ts";
import { useSession } from "../../session/session.ts";
import { Dot } from "../../ui/dot.tsx";
import { PageFailure } from "../../ui/failure.tsx";
import { Heading } from "../../ui/heading.tsx";
import MarkdownText from "../../ui/markdown/markdown-text.tsx";
import { PageMeta } from "../../ui/page-meta.tsx";
import { PictureSourceProvider } from "../../ui/pictures/picture-source.tsx";
import { PageSkeleton } from "../../ui/skeletons.tsx";
import { RelativeTime } from "../../ui/times.tsx";
import { Trans } from "../../ui/trans.tsx";
import { AuthorCard } from "../components/author-card.tsx";
import { Byline } from "../components/byline.tsx";
import { PostActions } from "../components/post-actions.tsx";
import { ReadingTime } from "../components/reading-time.tsx";
import { postQuery } from "../post-queries.ts";

export function PostPage() {
  const { id = "" } = useParams();
  const { data: post, isPending, error, refetch } = useQuery(postQuery(id));
  if (isPending) return <PageSkeleton />;
  if (!post) return <PageFailure error={error} onRetry={() => void refetch()} />;
  return <Article post={post} />;
}

function Article({ post }: { post: Post }) {
  const session = useSession();
  const mayChange = session && (session.isAdmin || session.user.id === post.authorId);
  return (
    <article className="mx-auto max-w-text">
      <PageMeta
        path={`/posts/${post.id}`}
        type="article"
        title={post.title}
        description={post.excerpt}
        publishTime={post.createTime}
        updateTime={post.updateTime}
        author={post.author?.nickname}
      />
      <header className="mb-9">
        <Heading
          title={post.title}
          className="mb-5 font-serif text-3xl font-semibold sm:text-4xl"
        />
        <div className="flex flex-wrap items-center justify-between gap-3">
          <Byline post={post}>
            <ReadingTime body={post.body} />
            {isEdited(post) && (
              <>
                <Dot />
                <span>
                  <Trans
                    id="posts.byline.edited"
                    values={{ time: <RelativeTime at={post.updateTime} /> }}
                  />
                </span>
              </>
            )}
          </Byline>
          {mayChange && <PostActions post={post} />}
        </div>
      </header>
      <PictureSourceProvider path={`/v1/posts/${post.id}`}>
        <MarkdownText>{post.body}</MarkdownText>
      </PictureSourceProvider>
      {post.author && (
        <footer className="mt-14">
          <AuthorCard post={post} author={post.author} />
        </footer>
      )}
    </article>
  );
}

function isEdited({ createTime, updateTime }: Post): boolean {
  return !!createTime && !!updateTime && timestampMs(updateTime) - timestampMs(createTime) > 1_000;
}
