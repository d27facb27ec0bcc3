import { Code } from "@connectrpc/connect";
import type { User } from "@plaza/contract/users/v1/users";
import { type QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  accountHeaders,
  getActiveAccount,
  onUnauthenticated,
  setActiveAccount,
} from "../lib/account-guard.ts";
import { auth, unguardedClients } from "../lib/clients.ts";
import { codeOf, reasonOf } from "../lib/errors.ts";
import { t } from "../lib/messages.ts";
import { toast } from "../ui/toasts.ts";
import { broadcastAccount, onAccountChange } from "./account-channel.ts";
import { notifySessionEnd } from "./session-end.ts";

export type Session = { user: User; isAdmin: boolean };

/** Who is signed in; null for a visitor. The session cookie is HttpOnly, so only the server knows. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ client, signal }): Promise<Session | null> => {
    const session = await readSession(signal);
    const before = getActiveAccount();
    switchAccount(client, session);
    if (before && before !== getActiveAccount()) toast(sessionChangeMessage(session));
    return session;
  },
  staleTime: 60_000,
});

/** Takes a visitor's page for what it is, without asking. The browser may have kept it since before a sign-in. */
export function adoptVisitor(client: QueryClient): void {
  setActiveAccount(null);
  const [navigation] = performance.getEntriesByType("navigation");
  const isKept =
    navigation instanceof PerformanceNavigationTiming && navigation.type === "back_forward";
  client.setQueryData(sessionQuery.queryKey, null, isKept ? { updatedAt: 0 } : {});
}

async function readSession(signal: AbortSignal): Promise<Session | null> {
  try {
    // Answers visitors too: a browser writes every 401 to its console.
    const { account } = await unguardedClients.auth.getCurrentAccount({}, { signal });
    if (!account) return null;
    const headers = accountHeaders(account.id);
    const user = await unguardedClients.users.getUser({ id: "me" }, { signal, headers });
    return { user, isAdmin: account.roles.includes("admin") };
  } catch (error) {
    if (reasonOf(error) === "OTHER_ACCOUNT") return readSession(signal);
    if (codeOf(error) === Code.Unauthenticated) return null;
    throw error;
  }
}

function sessionChangeMessage(session: Session | null): string {
  if (!session) return t("session.changed.ended");
  return t("session.changed.switched", { nickname: session.user.nickname });
}

export function useSession(): Session | null {
  return useQuery(sessionQuery).data ?? null;
}

/** Switches the active account and resets all cached queries: what they return depends on the account. */
function switchAccount(client: QueryClient, session: Session | null): void {
  const [before, account] = [getActiveAccount(), session?.user.id ?? null];
  if (account === before) return;
  setActiveAccount(account);
  broadcastAccount(account);
  if (before === undefined) return;
  // Before the reset, since queries that are fetched again can depend on the session.
  client.setQueryData(sessionQuery.queryKey, session);
  void client.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
}

/** Reads the session again. Throws when that fails. */
function refetchSession(client: QueryClient): Promise<void> {
  return client.refetchQueries(sessionQuery, { throwOnError: true });
}

/** Reads the session again when a call is UNAUTHENTICATED or another window changes the account. */
export function watchSession(client: QueryClient): void {
  const check = () => void refetchSession(client).catch(() => undefined);
  onUnauthenticated(check);
  onAccountChange((account) => {
    if (account !== getActiveAccount()) check();
  });
}

/** Reads the session that this window has begun. */
export function startSession(client: QueryClient): Promise<void> {
  return refetchSession(client);
}

/** Makes this window a visitor's after the member's session has ended, and clears what `onSessionEnd` registered. */
export async function endSession(client: QueryClient, userId: string): Promise<void> {
  notifySessionEnd(userId);
  // A read that is under way may return the old session.
  await client.cancelQueries(sessionQuery);
  switchAccount(client, null);
}

/** Writes a changed profile to the session and refreshes all that can show it: header, page, posts. */
export async function cacheProfile(client: QueryClient, user: User): Promise<void> {
  client.setQueryData(sessionQuery.queryKey, (session) => session && { ...session, user });
  await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
}

export function useSignOut() {
  const client = useQueryClient();
  const userId = useSession()?.user.id ?? "";
  return async () => {
    await auth.logout({});
    await endSession(client, userId);
  };
}
