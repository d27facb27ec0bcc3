import { type Relation, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { Empty } from "../../ui/empty-state.tsx";
import { SearchField } from "../../ui/forms/search-field.tsx";
import { Segmented } from "../../ui/forms/segmented-control.tsx";
import { Heading } from "../../ui/heading.tsx";
import { EndlessList } from "../../ui/infinite-list.tsx";
import { PeopleSkeleton } from "../../ui/skeletons.tsx";
import { FriendButtons } from "../components/friend-buttons.tsx";
import { PersonRow } from "../components/person-row.tsx";
import { friendsQuery, requestCountQuery } from "../friends.ts";
import { peopleQuery } from "../user-queries.ts";

type View = "friends" | "incoming" | "outgoing" | "blocked";

const states: Record<View, State> = {
  friends: State.CONFIRMED,
  incoming: State.INCOMING,
  outgoing: State.OUTGOING,
  blocked: State.BLOCKED,
};

const empties: Record<View, ReactNode> = {
  friends: (
    <Empty title="No friends yet">
      Search for somebody by nickname, and ask. Friends can write to each other.
    </Empty>
  ),
  incoming: <Empty title="Nobody waits for your answer" />,
  outgoing: <Empty title="You wait for nobody’s answer" />,
  blocked: <Empty title="You block nobody" />,
};

export function FriendsPage() {
  const [params, setParams] = useSearchParams();
  const { data: count = 0 } = useQuery(requestCountQuery);
  const nickname = params.get("q")?.trim() ?? "";
  const view = toView(params.get("show"));
  const names: Record<View, string> = {
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
        placeholder="A nickname, or its beginning"
        value={nickname}
        maxLength={25}
        onSearch={(q) => setParams(q ? { q } : {}, { replace: true })}
      />
      <div className="mt-4 mb-2">
        {!nickname && (
          <Segmented
            label="Show"
            options={names}
            value={view}
            onChange={(show) => setParams(show === "friends" ? {} : { show }, { replace: true })}
          />
        )}
      </div>
      {nickname ? <Found nickname={nickname} /> : <Related key={view} view={view} />}
    </div>
  );
}

function Related({ view }: { view: View }) {
  return (
    <EndlessList
      label="People"
      query={useInfiniteQuery(friendsQuery(states[view]))}
      keyOf={({ userId }: Relation) => userId}
      skeleton={<PeopleSkeleton />}
      empty={empties[view]}
    >
      {({ user }) =>
        user && (
          <PersonRow user={user}>
            <FriendButtons user={user} wide />
          </PersonRow>
        )
      }
    </EndlessList>
  );
}

function Found({ nickname }: { nickname: string }) {
  return (
    <EndlessList
      label="People found"
      query={useInfiniteQuery(peopleQuery(nickname))}
      keyOf={({ id }) => id}
      skeleton={<PeopleSkeleton />}
      empty={
        <Empty title="Nobody of that name">Nicknames hold letters, digits and underscores.</Empty>
      }
    >
      {(user) => (
        <PersonRow user={user}>
          <FriendButtons user={user} wide />
        </PersonRow>
      )}
    </EndlessList>
  );
}

function toView(text: string | null): View {
  return text !== null && Object.hasOwn(states, text) ? (text as View) : "friends";
}
