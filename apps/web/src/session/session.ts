import { Code } from "@connectrpc/connect";
import type { User } from "@plaza/contract/users/v1/users";
import { type QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { burnLetters } from "../chats/outbox.ts";
import { auth, users } from "../common/api.ts";
import { codeOf } from "../common/faults.ts";

export type Session = { user: User; isAdmin: boolean };

/** Who is signed in; null for a visitor. The cookie is HttpOnly, so only the server knows. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => readSession(signal),
  staleTime: 60_000,
});

async function readSession(signal: AbortSignal): Promise<Session | null> {
  try {
    const user = await users.getUser({ id: "me" }, { signal });
    const { roles } = await auth.getAccount({ id: "me" }, { signal });
    return { user, isAdmin: roles.includes("admin") };
  } catch (error) {
    if (codeOf(error) === Code.Unauthenticated) return null;
    throw error;
  }
}

export function useSession(): Session | null {
  return useQuery(sessionQuery).data ?? null;
}

/** Forgets all that was read or left unsent as somebody else: what one may see depends on who one is. */
export async function changeSession(client: QueryClient, to: "signed-in" | "signed-out") {
  if (to === "signed-in") {
    const session = await client.fetchQuery({ ...sessionQuery, staleTime: 0 });
    burnLetters(session?.user.id);
  } else {
    burnLetters();
    client.setQueryData(sessionQuery.queryKey, null);
  }
  await client.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
}

/** Shows a changed profile everywhere: in the header, on its page, beside its posts. */
export async function changeProfile(client: QueryClient, user: User): Promise<void> {
  client.setQueryData(sessionQuery.queryKey, (session) => session && { ...session, user });
  await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
}

export function useSignOut() {
  const client = useQueryClient();
  return async () => {
    await auth.logout({});
    await changeSession(client, "signed-out");
  };
}
