import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { t } from "../../lib/messages.ts";
import { Avatar } from "../../people/components/avatar.tsx";
import { FriendButtons } from "../../people/components/friend-buttons.tsx";
import { ProfileFacts } from "../../people/components/profile-facts.tsx";
import { fullName } from "../../people/names.ts";
import { userQuery } from "../../people/user-queries.ts";
import { PostList } from "../../posts/components/post-list.tsx";
import { useSession } from "../../session/session.ts";
import { LinkButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { PageFailure } from "../../ui/failure.tsx";
import { Heading } from "../../ui/heading.tsx";
import { PageMeta } from "../../ui/page-meta.tsx";
import { PageSkeleton } from "../../ui/skeletons.tsx";
import { Trans } from "../../ui/trans.tsx";

export function MemberPage() {
  const { id = "" } = useParams();
  const session = useSession();
  const { data: user, isPending, error, refetch } = useQuery(userQuery(id));
  if (isPending) return <PageSkeleton />;
  if (!user) return <PageFailure error={error} onRetry={() => void refetch()} />;
  return (
    <div className="mx-auto max-w-text">
      <PageMeta
        path={`/members/${user.id}`}
        type="profile"
        title={user.nickname}
        description={
          user.about || t("app.member.description", { name: fullName(user) || user.nickname })
        }
        picture={user.avatarUrl}
        feed={`/members/${user.id}/atom.xml`}
      />
      <header className="flex flex-wrap items-start gap-x-7 gap-y-5 border-b border-line pb-9">
        <Avatar user={user} size="lg" />
        <div className="min-w-64 flex-1">
          <Heading title={user.nickname} />
          <p dir="auto" className="mb-4 text-left rtl:text-right text-lg text-faint">
            {fullName(user) || t("app.member.member")}
          </p>
          <ProfileFacts user={user} />
        </div>
        {session?.user.id === user.id && (
          <LinkButton to="/account">{t("app.member.edit")}</LinkButton>
        )}
        <FriendButtons user={user} wide />
      </header>
      <h2 className="sr-only">
        <Trans id="app.member.posts" values={{ nickname: <bdi>{user.nickname}</bdi> }} />
      </h2>
      <PostList authorId={user.id} empty={<EmptyState title={t("posts.list.empty")} />} />
    </div>
  );
}
