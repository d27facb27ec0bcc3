import type { User } from "@plaza/contract/users/v1/users";
import { queryOptions } from "@tanstack/react-query";
import { createBatchLoader } from "../lib/batch-loader.ts";
import { users } from "../lib/clients.ts";
import { liveQueryKey } from "../lib/query-keys.ts";

export const userCardFields = ["id", "nickname", "first_name", "last_name", "avatar_url"];

/** The part of a profile that lists show; null for a deleted user. */
export function userCardQuery(id: string) {
  return queryOptions({
    queryKey: [...liveQueryKey, "card", id],
    queryFn: async (): Promise<User | null> => (id ? ((await loadUserCard(id)) ?? null) : null),
    staleTime: 10 * 60_000,
  });
}

const loadUserCard = createBatchLoader(async (ids) => {
  const { users: found } = await users.batchGetUsers({ ids, readMask: { paths: userCardFields } });
  return new Map(found.map((user) => [user.id, user]));
});
