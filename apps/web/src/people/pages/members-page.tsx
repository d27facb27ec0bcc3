import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { Empty } from "../../ui/empty-state.tsx";
import { SearchField } from "../../ui/forms/search-field.tsx";
import { Heading } from "../../ui/heading.tsx";
import { EndlessList } from "../../ui/infinite-list.tsx";
import { PeopleSkeleton } from "../../ui/skeletons.tsx";
import { FriendButtons } from "../components/friend-buttons.tsx";
import { PersonRow } from "../components/person-row.tsx";
import { peopleQuery } from "../user-queries.ts";

export function PeoplePage() {
  const [params, setParams] = useSearchParams();
  const nickname = params.get("q")?.trim() ?? "";
  return (
    <div className="mx-auto max-w-text">
      <Heading title="Members" className="mb-5 text-3xl font-bold" />
      <SearchField
        label="Search members by nickname"
        placeholder="A nickname, or its beginning"
        value={nickname}
        maxLength={25}
        onSearch={(q) => setParams(q ? { q } : {}, { replace: true })}
      />
      {nickname ? (
        <Found nickname={nickname} />
      ) : (
        <Empty title="Who are you looking for?">Type the beginning of a nickname.</Empty>
      )}
    </div>
  );
}

function Found({ nickname }: { nickname: string }) {
  const query = useInfiniteQuery(peopleQuery(nickname));
  return (
    <EndlessList
      label="Members"
      query={query}
      keyOf={(user) => user.id}
      skeleton={<PeopleSkeleton />}
      empty={
        <Empty title="Nobody of that name">Nicknames hold letters, digits and underscores.</Empty>
      }
      className="mt-3"
    >
      {(user) => (
        <PersonRow user={user}>
          <FriendButtons user={user} />
        </PersonRow>
      )}
    </EndlessList>
  );
}
