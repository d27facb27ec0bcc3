import { create } from "@bufbuild/protobuf";
import {
  type Relation,
  RelationSchema,
  Relation_State as State,
} from "@plaza/contract/friends/v1/friends";
import {
  infiniteQueryOptions,
  type QueryClient,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import {
  chatQuery,
  chatQueryKey,
  findCachedDirectChat,
  liveQueryKey,
  updateCachedChat,
} from "../chat/chat-queries.ts";
import { createBatchLoader } from "../lib/batch-loader.ts";
import { errorMessage } from "../lib/errors.ts";
import { friends } from "../lib/member-clients.ts";
import { focusHeading } from "../ui/focus-heading.ts";
import { toast } from "../ui/toasts.ts";

/** What one can do about somebody. */
export type RelationAction =
  | "request"
  | "confirm"
  | "decline"
  | "withdraw"
  | "remove"
  | "block"
  | "unblock";

/** What somebody is after each step. A request to somebody who has asked before makes friends. */
const stateByAction: Record<RelationAction, State> = {
  request: State.OUTGOING,
  confirm: State.CONFIRMED,
  decline: State.STATE_UNSPECIFIED,
  withdraw: State.STATE_UNSPECIFIED,
  remove: State.STATE_UNSPECIFIED,
  block: State.BLOCKED,
  unblock: State.STATE_UNSPECIFIED,
};

/** What is said of steps that show nothing else. */
const successMessages: Partial<Record<RelationAction, string>> = {
  decline: "The request is declined.",
  withdraw: "Your request is taken back.",
  remove: "You are no longer friends.",
  block: "This person is blocked.",
  unblock: "This person is no longer blocked.",
};

const callByAction: Record<RelationAction, (userId: string) => Promise<Relation>> = {
  request: (userId) => friends.requestFriendship({ userId }),
  confirm: (userId) => friends.confirmFriendship({ userId }),
  decline: (userId) => friends.declineFriendship({ userId }),
  withdraw: (userId) => friends.withdrawFriendship({ userId }),
  remove: (userId) => friends.removeFriend({ userId }),
  block: (userId) => friends.blockUser({ userId }),
  unblock: (userId) => friends.unblockUser({ userId }),
};

const friendsQueryKey = [...liveQueryKey, "friends"];
const friendListsQueryKey = [...friendsQueryKey, "lists"];

/** The people in one relation to the member, newest first. */
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
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken || undefined,
    select: ({ pages }) => pages.flatMap((page) => page.friends),
  });
}

/** How many people wait for an answer, up to a hundred. */
export const incomingRequestCountQuery = queryOptions({
  queryKey: [...friendListsQueryKey, "count"],
  queryFn: async ({ signal }) => {
    const request = { state: State.INCOMING, pageSize: 100, readMask: { paths: ["user_id"] } };
    return (await friends.listFriends(request, { signal })).friends.length;
  },
});

/** What somebody is to the member. */
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

/** Takes steps about somebody. What comes of one shows at once, and is taken back if it is refused. */
export function useRelationAction(userId: string) {
  const client = useQueryClient();
  const query = relationQuery(userId);
  return useMutation({
    mutationFn: (step: RelationAction) => callByAction[step](userId),
    onMutate: async (step) => {
      await client.cancelQueries(query);
      const state = stateByAction[step];
      client.setQueryData(query.queryKey, (before) => ({
        ...(before ?? noRelation(userId)),
        state,
      }));
    },
    onSuccess: (relation, step) => {
      client.setQueryData(query.queryKey, relation);
      if (step === "block" || step === "unblock") cacheBlock(client, userId, step === "block");
      const said = successMessages[step];
      if (said) toast(said);
    },
    onError: (error) => toast(errorMessage(error)),
    onSettled: async (_, error) => {
      await Promise.all([
        client.invalidateQueries({ queryKey: friendListsQueryKey }),
        error && client.invalidateQueries(query),
      ]);
      // What was pressed may be gone.
      if (document.activeElement === document.body) focusHeading();
    },
  });
}

/** Reads again what is shown of what somebody is to the member, and whether the two can write to each other. */
export function invalidateRelation(client: QueryClient, userId: string): void {
  const chat = findCachedDirectChat(client, userId);
  void client.invalidateQueries({ queryKey: friendListsQueryKey });
  void client.invalidateQueries(relationQuery(userId));
  if (chat) void client.invalidateQueries(chatQuery(chat.id));
}

/** Reads all of that again. */
export function invalidateRelations(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: friendsQueryKey });
  void client.invalidateQueries({ queryKey: chatQueryKey });
}

/** No entry of their chat tells of a block. */
function cacheBlock(client: QueryClient, userId: string, blocked: boolean): void {
  const chat = findCachedDirectChat(client, userId);
  if (chat) updateCachedChat(client, chat.id, (before) => ({ ...before, blocked }));
}

function noRelation(userId: string): Relation {
  return create(RelationSchema, { userId });
}
