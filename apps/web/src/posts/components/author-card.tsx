import type { Post } from "@plaza/contract/posts/v1/posts";
import type { User } from "@plaza/contract/users/v1/users";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Link } from "react-router";
import { t } from "../../lib/messages.ts";
import { Avatar } from "../../people/components/avatar.tsx";
import { FriendButtons } from "../../people/components/friend-buttons.tsx";
import { ProfileFacts } from "../../people/components/profile-facts.tsx";
import { fullName } from "../../people/names.ts";
import { DisclosureButton } from "../../ui/disclosure-button.tsx";
import { Failure } from "../../ui/failure.tsx";
import { postAuthorQuery } from "../post-queries.ts";

/** The author of a post; more of the profile is fetched when the reader asks for details. */
export function AuthorCard({ post, author }: { post: Post; author: User }) {
  const [open, setOpen] = useState(false);
  const panelId = useId();
  return (
    <section aria-label={t("posts.author.label")} className="rounded-lg bg-card p-5 shadow-card">
      <div className="flex flex-wrap items-center gap-x-3.5 gap-y-3">
        <Avatar user={author} size="md" />
        <div className="min-w-32 flex-1">
          <p className="font-semibold">
            <Link to={`/members/${author.id}`} className="hover:text-accent hover:underline">
              <bdi>{author.nickname}</bdi>
            </Link>
          </p>
          <p dir="auto" className="text-left rtl:text-right text-sm text-faint">
            {fullName(author) || t("posts.author.member")}
          </p>
        </div>
        <FriendButtons user={author} />
        <DisclosureButton
          open={open}
          panelId={panelId}
          onToggle={() => setOpen(!open)}
          className="min-h-11 px-3 font-semibold text-accent hover:bg-accent-wash"
        >
          {t("posts.author.details")}
        </DisclosureButton>
      </div>
      {open && (
        <div id={panelId} className="rise mt-4 border-t border-line pt-4">
          <AuthorDetails postId={post.id} />
        </div>
      )}
    </section>
  );
}

function AuthorDetails({ postId }: { postId: string }) {
  const { data, isPending, error, refetch } = useQuery(postAuthorQuery(postId));
  if (isPending)
    return <div className="skeleton h-16" role="status" aria-label={t("ui.common.loading")} />;
  if (!data) return <Failure error={error} onRetry={() => void refetch()} />;
  return <ProfileFacts user={data} />;
}
