import type { User } from "@plaza/contract/users/v1/users";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { Avatar } from "../parts/avatar.tsx";
import { Empty } from "../parts/empty.tsx";
import { EndlessList } from "../parts/endless-list.tsx";
import { Heading } from "../parts/heading.tsx";
import { SearchField } from "../parts/search-field.tsx";
import { PeopleSkeleton } from "../parts/skeleton.tsx";
import { fullName, peopleQuery } from "../people.ts";

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
      {(user) => <PersonRow user={user} />}
    </EndlessList>
  );
}

function PersonRow({ user }: { user: User }) {
  return (
    <li className="border-b border-line last:border-0">
      <Link
        to={`/members/${user.id}`}
        className="-mx-3 flex items-center gap-4 rounded-md px-3 py-4 hover:bg-sunken"
      >
        <Avatar user={user} size="md" />
        <span className="min-w-0 flex-1">
          <span className="block font-semibold">{user.nickname}</span>
          <span className="block truncate text-sm text-faint">{fullName(user) || user.about}</span>
        </span>
      </Link>
    </li>
  );
}
