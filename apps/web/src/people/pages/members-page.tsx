import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
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
      <Heading title="Members" className="mb-5 text-3xl font-bold" />
      <SearchField
        label="Search members by nickname"
        placeholder="A nickname or a name"
        value={nickname}
        maxLength={100}
        onSearch={(q) => setParams(q ? { q } : {}, { replace: true })}
      />
      {nickname ? (
        <SearchResults nickname={nickname} />
      ) : (
        <EmptyState title="Who are you looking for?">
          Type the beginning of a nickname or a name.
        </EmptyState>
      )}
    </div>
  );
}

function SearchResults({ nickname }: { nickname: string }) {
  const query = useInfiniteQuery(userSearchQuery(nickname));
  return (
    <InfiniteList
      label="Members"
      query={query}
      keyOf={(user) => user.id}
      skeleton={<AvatarRowsSkeleton />}
      empty={
        <EmptyState title="Nobody of that name">
          Search for the beginning of a nickname, or of words in a name.
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
