import type { Post } from "@plaza/contract/posts/v1/posts";
import type { User } from "@plaza/contract/users/v1/users";
import { useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useId, useState } from "react";
import { Link } from "react-router";
import { Avatar } from "../../people/components/avatar.tsx";
import { FriendButtons } from "../../people/components/friend-buttons.tsx";
import { ProfileFacts } from "../../people/components/profile-facts.tsx";
import { fullName } from "../../people/names.ts";
import { Failure } from "../../ui/failure.tsx";
import { postAuthorQuery } from "../post-queries.ts";

/** The author of a post; what else one may know unfolds, and is fetched only then. */
export function AuthorCard({ post, author }: { post: Post; author: User }) {
  const [open, setOpen] = useState(false);
  const panel = useId();
  return (
    <section aria-label="Author" className="rounded-lg bg-card p-5 shadow-card">
      <div className="flex flex-wrap items-center gap-x-3.5 gap-y-3">
        <Avatar user={author} size="md" />
        <div className="min-w-32 flex-1">
          <p className="font-semibold">
            <Link to={`/members/${author.id}`} className="hover:text-accent hover:underline">
              {author.nickname}
            </Link>
          </p>
          <p className="text-sm text-faint">{fullName(author) || "Member"}</p>
        </div>
        <FriendButtons user={author} />
        <button
          type="button"
          aria-expanded={open}
          aria-controls={open ? panel : undefined}
          onClick={() => setOpen(!open)}
          className="flex min-h-11 items-center gap-1.5 rounded-md px-3 text-sm font-semibold text-accent hover:bg-accent-wash"
        >
          Details
          <ChevronDown
            aria-hidden
            className={`size-4 transition-transform duration-150 ${open ? "rotate-180" : ""}`}
          />
        </button>
      </div>
      {open && (
        <div id={panel} className="rise mt-4 border-t border-line pt-4">
          <AuthorDetails postId={post.id} />
        </div>
      )}
    </section>
  );
}

function AuthorDetails({ postId }: { postId: string }) {
  const { data, isPending, error, refetch } = useQuery(postAuthorQuery(postId));
  if (isPending)
    return <div className="skeleton h-16" role="status" aria-label="Loading details" />;
  if (!data) return <Failure error={error} onRetry={() => void refetch()} />;
  return <ProfileFacts user={data} />;
}
