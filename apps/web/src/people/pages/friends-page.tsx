import { type Relation, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { t } from "../../lib/messages.ts";
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

export function FriendsPage() {
  const [params, setParams] = useSearchParams();
  const { data: count = 0 } = useQuery(incomingRequestCountQuery);
  const nickname = params.get("q")?.trim() ?? "";
  const view = toView(params.get("show"));
  const names: Record<FriendsView, string> = {
    friends: t("people.friends.title"),
    incoming: t("people.friends.incoming", { count }),
    outgoing: t("people.friends.outgoing"),
    blocked: t("people.friends.blocked"),
  };
  return (
    <div className="mx-auto max-w-text">
      <Heading title={t("people.friends.title")} className="mb-5 text-3xl font-bold" />
      <SearchField
        label={t("people.userSearch.label")}
        value={nickname}
        maxLength={100}
        onSearch={(q) => setParams(q ? { q } : {}, { replace: true })}
      />
      <div className="mt-4 mb-2">
        {!nickname && (
          <SegmentedControl
            label={t("people.friends.show")}
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
      label={t("people.friends.list")}
      query={useInfiniteQuery(friendsQuery(stateByView[view]))}
      keyOf={({ userId }: Relation) => userId}
      skeleton={<AvatarRowsSkeleton />}
      empty={<NoRelations view={view} />}
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

function NoRelations({ view }: { view: FriendsView }) {
  return (
    <EmptyState title={t(`people.friends.empty.${view}`)}>
      {view === "friends" && t("people.friends.emptyHint")}
    </EmptyState>
  );
}

function SearchResults({ nickname }: { nickname: string }) {
  return (
    <InfiniteList
      label={t("people.userSearch.results")}
      query={useInfiniteQuery(userSearchQuery(nickname))}
      keyOf={({ id }) => id}
      skeleton={<AvatarRowsSkeleton />}
      empty={
        <EmptyState title={t("people.userSearch.empty")}>
          {t("people.userSearch.emptyHint")}
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
