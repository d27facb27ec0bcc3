import { type Relation, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { EmptyState } from "../../ui/empty-state.tsx";
import { SearchField } from "../../ui/forms/search-field.tsx";
import { SegmentedControl } from "../../ui/forms/segmented-control.tsx";
import { Heading } from "../../ui/heading.tsx";
import { InfiniteList } from "../../ui/infinite-list.tsx";
import { AvatarRowsSkeleton } from "../../ui/skeletons.tsx";
import { FriendButtons } from "../components/friend-buttons.tsx";
import { PersonRow } from "../components/person-row.tsx";
import { friendsQuery, incomingRequestCountQuery } from "../relation-queries.ts";
import { userSearchQuery } from "../user-queries.ts";

type FriendsView = "friends" | "incoming" | "outgoing" | "blocked";

const stateByView: Record<FriendsView, State> = {
  friends: State.CONFIRMED,
  incoming: State.INCOMING,
  outgoing: State.OUTGOING,
  blocked: State.BLOCKED,
};

const emptyStateByView: Record<FriendsView, ReactNode> = {
  friends: (
    <EmptyState title="No friends yet">
      Search for somebody by nickname, and ask. Friends can write to each other.
    </EmptyState>
  ),
  incoming: <EmptyState title="Nobody waits for your answer" />,
  outgoing: <EmptyState title="You wait for nobody’s answer" />,
  blocked: <EmptyState title="You block nobody" />,
};

export function FriendsPage() {
  const [params, setParams] = useSearchParams();
  const { data: count = 0 } = useQuery(incomingRequestCountQuery);
  const nickname = params.get("q")?.trim() ?? "";
  const view = toView(params.get("show"));
  const names: Record<FriendsView, string> = {
    friends: "Friends",
    incoming: count > 0 ? `Incoming (${count > 99 ? "99+" : count})` : "Incoming",
    outgoing: "Outgoing",
    blocked: "Blocked",
  };
  return (
    <div className="mx-auto max-w-text">
      <Heading title="Friends" className="mb-5 text-3xl font-bold" />
      <SearchField
        label="Search people by nickname"
        placeholder="A nickname or a name"
        value={nickname}
        maxLength={100}
        onSearch={(q) => setParams(q ? { q } : {}, { replace: true })}
      />
      <div className="mt-4 mb-2">
        {!nickname && (
          <SegmentedControl
            label="Show"
            options={names}
            value={view}
            onChange={(show) => setParams(show === "friends" ? {} : { show }, { replace: true })}
          />
        )}
      </div>
      {nickname ? <SearchResults nickname={nickname} /> : <RelationList key={view} view={view} />}
    </div>
  );
}

function RelationList({ view }: { view: FriendsView }) {
  return (
    <InfiniteList
      label="People"
      query={useInfiniteQuery(friendsQuery(stateByView[view]))}
      keyOf={({ userId }: Relation) => userId}
      skeleton={<AvatarRowsSkeleton />}
      empty={emptyStateByView[view]}
    >
      {({ user }) =>
        user && (
          <PersonRow user={user}>
            <FriendButtons user={user} wide />
          </PersonRow>
        )
      }
    </InfiniteList>
  );
}

function SearchResults({ nickname }: { nickname: string }) {
  return (
    <InfiniteList
      label="People found"
      query={useInfiniteQuery(userSearchQuery(nickname))}
      keyOf={({ id }) => id}
      skeleton={<AvatarRowsSkeleton />}
      empty={
        <EmptyState title="Nobody of that name">
          Search for the beginning of a nickname, or of words in a name.
        </EmptyState>
      }
    >
      {(user) => (
        <PersonRow user={user}>
          <FriendButtons user={user} wide />
        </PersonRow>
      )}
    </InfiniteList>
  );
}

function toView(text: string | null): FriendsView {
  return text !== null && Object.hasOwn(stateByView, text) ? (text as FriendsView) : "friends";
}
