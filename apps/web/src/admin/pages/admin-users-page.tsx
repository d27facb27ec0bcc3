import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { t } from "../../lib/messages.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { SearchField } from "../../ui/forms/search-field.tsx";
import { Heading } from "../../ui/heading.tsx";
import { InfiniteList } from "../../ui/infinite-list.tsx";
import { AvatarRowsSkeleton } from "../../ui/skeletons.tsx";
import { ManagedUserRow } from "../components/managed-user-row.tsx";
import { managedUsersQuery } from "../managed-user-queries.ts";

export function AdminUsersPage() {
  const [params, setParams] = useSearchParams();
  const search = params.get("q")?.trim() ?? "";
  const query = useInfiniteQuery(managedUsersQuery(search));
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-x-8 gap-y-4">
        <Heading title={t("admin.users.title")} />
        <div className="w-full sm:w-80">
          <SearchField
            label={t("admin.users.search")}
            placeholder={t("admin.users.searchHint")}
            value={search}
            maxLength={100}
            onSearch={(q) => setParams(q ? { q } : {}, { replace: true })}
          />
        </div>
      </div>
      <InfiniteList
        label={t("admin.users.title")}
        query={query}
        keyOf={({ user }) => user.id}
        skeleton={<AvatarRowsSkeleton />}
        empty={<EmptyState title={t("admin.users.notFound")} />}
      >
        {(managed) => <ManagedUserRow managed={managed} />}
      </InfiniteList>
    </>
  );
}
