import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { Empty } from "../parts/empty.tsx";
import { EndlessList } from "../parts/endless-list.tsx";
import { Heading } from "../parts/heading.tsx";
import { FriendButtons } from "../parts/people/friend-buttons.tsx";
import { PersonRow } from "../parts/people/person-row.tsx";
import { SearchField } from "../parts/search-field.tsx";
import { PeopleSkeleton } from "../parts/skeleton.tsx";
import { peopleQuery } from "../people/people.ts";

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
