import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { users } from "../lib/clients.ts";
import { pageOptions } from "../lib/list-queries.ts";

export function userQuery(id: string) {
  return queryOptions({
    queryKey: ["user", id],
    queryFn: ({ signal }) => users.getUser({ id }, { signal }),
  });
}

/** Members whose nickname starts with `nickname`. */
export function userSearchQuery(nickname: string) {
  return infiniteQueryOptions({
    queryKey: ["people", nickname],
    queryFn: ({ pageParam: pageToken, signal }) =>
      users.searchUsers(
        {
          nickname,
          pageToken,
          readMask: { paths: ["id", "nickname", "first_name", "last_name", "avatar_url", "about"] },
        },
        { signal },
      ),
    ...pageOptions,
    select: ({ pages }) => pages.flatMap((page) => page.users),
  });
}
