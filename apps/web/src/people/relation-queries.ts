import { type Relation, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { createBatchLoader } from "../lib/batch-loader.ts";
import { friends } from "../lib/clients.ts";
import { pageOptions } from "../lib/list-queries.ts";
import { liveQueryKey } from "../lib/query-keys.ts";

const friendsQueryKey = [...liveQueryKey, "friends"];
const friendListsQueryKey = [...friendsQueryKey, "lists"];

/** The users in one state of relation to the member, newest first. */
export function friendsQuery(state: State) {
  return infiniteQueryOptions({
    queryKey: [...friendListsQueryKey, state],
    queryFn: async ({ client, pageParam: pageToken, signal }) => {
      const page = await friends.listFriends({ state, pageToken, pageSize: 40 }, { signal });
      for (const relation of page.friends) {
        client.setQueryData(relationQuery(relation.userId).queryKey, relation);
      }
      return page;
    },
    ...pageOptions,
    select: ({ pages }) => pages.flatMap((page) => page.friends),
  });
}

/** The number of incoming friend requests, up to 100. */
export const incomingRequestCountQuery = queryOptions({
  queryKey: [...friendListsQueryKey, "count"],
  queryFn: async ({ signal }) => {
    const request = { state: State.INCOMING, pageSize: 100, readMask: { paths: ["user_id"] } };
    return (await friends.listFriends(request, { signal })).friends.length;
  },
});

/** The member's relation to a user. */
export function relationQuery(userId: string) {
  return queryOptions({
    queryKey: [...friendsQueryKey, "relation", userId],
    queryFn: async () => (await loadRelation(userId)) ?? noRelation(userId),
  });
}

const loadRelation = createBatchLoader(async (userIds) => {
  const { relations } = await friends.batchGetRelations({ userIds });
  return new Map(relations.map((relation) => [relation.userId, relation]));
});

/** Refetches one relation, and the lists that it can be in. */
export function invalidateRelation(client: QueryClient, userId: string): void {
  void invalidateFriendLists(client);
  void client.invalidateQueries(relationQuery(userId));
}

/** Refetches all relations and their lists. */
export function invalidateRelations(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: friendsQueryKey });
}

/** Refetches the lists of relations. */
export function invalidateFriendLists(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ queryKey: friendListsQueryKey });
}

/** The relation to a user to whom there is none. */
export function noRelation(userId: string): Relation {
  // Not by the contract, which visitors of a post would load.
  return { $typeName: "plaza.friends.v1.Relation", userId, state: State.STATE_UNSPECIFIED };
}
