import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { t } from "../../lib/messages.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { SearchField } from "../../ui/forms/search-field.tsx";
import { Heading } from "../../ui/heading.tsx";
import { InfiniteList } from "../../ui/infinite-list.tsx";
import { AvatarRowsSkeleton } from "../../ui/skeletons.tsx";
import { FriendButtons } from "../components/friend-buttons.tsx";
import { PersonRow } from "../components/person-row.tsx";
import { userSearchQuery } from "../user-queries.ts";

export function MembersPage() {
  const [params, setParams] = useSearchParams();
  const nickname = params.get("q")?.trim() ?? "";
  return (
    <div className="mx-auto max-w-text">
      <Heading title={t("people.members.title")} className="mb-5 text-3xl font-bold" />
      <SearchField
        label={t("people.userSearch.label")}
        value={nickname}
        maxLength={100}
        onSearch={(q) => setParams(q ? { q } : {}, { replace: true })}
      />
      {nickname ? (
        <SearchResults nickname={nickname} />
      ) : (
        <EmptyState title={t("people.members.prompt")}>{t("people.members.promptHint")}</EmptyState>
      )}
    </div>
  );
}

function SearchResults({ nickname }: { nickname: string }) {
  const query = useInfiniteQuery(userSearchQuery(nickname));
  return (
    <InfiniteList
      label={t("people.userSearch.results")}
      query={query}
      keyOf={(user) => user.id}
      skeleton={<AvatarRowsSkeleton />}
      empty={
        <EmptyState title={t("people.userSearch.empty")}>
          {t("people.userSearch.emptyHint")}
        </EmptyState>
      }
      className="mt-3"
    >
      {(user) => (
        <PersonRow user={user}>
          <FriendButtons user={user} />
        </PersonRow>
      )}
    </InfiniteList>
  );
}
