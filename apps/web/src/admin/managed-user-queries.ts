import { AccountState } from "@plaza/contract/auth/v1/auth";
import type { User } from "@plaza/contract/users/v1/users";
import { infiniteQueryOptions } from "@tanstack/react-query";
import { auth, users } from "../lib/clients.ts";
import { pageOptions } from "../lib/list-queries.ts";

export type ManagedUser = { user: User; isAdmin: boolean; isDeactivated: boolean };

/** Profiles with their accounts' state and roles, for admins. */
export function managedUsersQuery(query: string) {
  return infiniteQueryOptions({
    queryKey: ["managed-users", query],
    queryFn: ({ pageParam, signal }) => readManagedUsers(query, pageParam, signal),
    ...pageOptions,
    select: ({ pages }) => pages.flatMap((page) => page.managed),
  });
}

async function readManagedUsers(query: string, pageToken: string, signal: AbortSignal) {
  const page = await users.listUsers({ query, pageToken }, { signal });
  const ids = page.users.map(({ id }) => id);
  const { accounts } =
    ids.length > 0 ? await auth.batchGetAccounts({ ids }, { signal }) : noAccounts;
  const accountById = new Map(accounts.map((account) => [account.id, account]));
  const managed = page.users.map((user): ManagedUser => {
    const account = accountById.get(user.id);
    return {
      user,
      isAdmin: account?.roles.includes("admin") ?? false,
      isDeactivated: account?.state === AccountState.DEACTIVATED,
    };
  });
  return { managed, nextPageToken: page.nextPageToken };
}

const noAccounts = { accounts: [] };
