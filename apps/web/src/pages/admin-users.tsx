import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { Empty } from "../parts/empty.tsx";
import { EndlessList } from "../parts/endless-list.tsx";
import { Heading } from "../parts/heading.tsx";
import { ManagedUserRow } from "../parts/people/managed-user-row.tsx";
import { SearchField } from "../parts/search-field.tsx";
import { PeopleSkeleton } from "../parts/skeleton.tsx";
import { managedUsersQuery } from "../people/people.ts";

export function AdminUsersPage() {
  const [params, setParams] = useSearchParams();
  const search = params.get("q")?.trim() ?? "";
  const query = useInfiniteQuery(managedUsersQuery(search));
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-x-8 gap-y-4">
        <Heading title="Users" />
        <div className="w-full sm:w-80">
          <SearchField
            label="Search users"
            placeholder="E-mail, nickname or name"
            value={search}
            maxLength={100}
            onSearch={(q) => setParams(q ? { q } : {}, { replace: true })}
          />
        </div>
      </div>
      <EndlessList
        label="Users"
        query={query}
        keyOf={({ user }) => user.id}
        skeleton={<PeopleSkeleton />}
        empty={<Empty title="Nobody matches" />}
      >
        {(managed) => <ManagedUserRow managed={managed} />}
      </EndlessList>
    </>
  );
}
