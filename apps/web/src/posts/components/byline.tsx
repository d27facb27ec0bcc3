import type { Post } from "@plaza/contract/posts/v1/posts";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { t } from "../../lib/messages.ts";
import { Avatar } from "../../people/components/avatar.tsx";
import { Dot } from "../../ui/dot.tsx";
import { RelativeTime } from "../../ui/times.tsx";

/** The author and the time of a post. */
export function Byline({ post, children }: { post: Post; children?: ReactNode }) {
  const { author, createTime } = post;
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-faint">
      <Avatar user={author} size="sm" />
      {author ? (
        <Link
          to={`/members/${author.id}`}
          className="touch-target font-semibold text-soft hover:text-accent hover:underline"
        >
          <bdi>{author.nickname}</bdi>
        </Link>
      ) : (
        <span>{t("posts.byline.deletedAccount")}</span>
      )}
      <Dot />
      <RelativeTime at={createTime} />
      {children}
    </p>
  );
}
