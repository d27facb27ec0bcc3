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
import { changeChat, chatKey, chatQuery, findDirect, talkKey } from "../chat/chat-queries.ts";
import { inBatches } from "../lib/batch-loader.ts";
import { describe } from "../lib/errors.ts";
import { friends } from "../lib/member-clients.ts";
import { focusHeading } from "../ui/focus-heading.ts";
import { toast } from "../ui/toasts.ts";

/** What one can do about somebody. */
export type Step = "request" | "confirm" | "decline" | "withdraw" | "remove" | "block" | "unblock";

/** What somebody is after each step. A request to somebody who has asked before makes friends. */
const stateAfter: Record<Step, State> = {
  request: State.OUTGOING,
  confirm: State.CONFIRMED,
  decline: State.STATE_UNSPECIFIED,
  withdraw: State.STATE_UNSPECIFIED,
  remove: State.STATE_UNSPECIFIED,
  block: State.BLOCKED,
  unblock: State.STATE_UNSPECIFIED,
};

/** What is said of steps that show nothing else. */
const done: Partial<Record<Step, string>> = {
  decline: "The request is declined.",
  withdraw: "Your request is taken back.",
  remove: "You are no longer friends.",
  block: "This person is blocked.",
  unblock: "This person is no longer blocked.",
};

const send: Record<Step, (userId: string) => Promise<Relation>> = {
  request: (userId) => friends.requestFriendship({ userId }),
  confirm: (userId) => friends.confirmFriendship({ userId }),
  decline: (userId) => friends.declineFriendship({ userId }),
  withdraw: (userId) => friends.withdrawFriendship({ userId }),
  remove: (userId) => friends.removeFriend({ userId }),
  block: (userId) => friends.blockUser({ userId }),
  unblock: (userId) => friends.unblockUser({ userId }),
};

const friendsKey = [...talkKey, "friends"];
const listsKey = [...friendsKey, "lists"];

/** The people in one relation to the member, newest first. */
export function friendsQuery(state: State) {
  return infiniteQueryOptions({
    queryKey: [...listsKey, state],
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
export const requestCountQuery = queryOptions({
  queryKey: [...listsKey, "count"],
  queryFn: async ({ signal }) => {
    const request = { state: State.INCOMING, pageSize: 100, readMask: { paths: ["user_id"] } };
    return (await friends.listFriends(request, { signal })).friends.length;
  },
});

/** What somebody is to the member. */
export function relationQuery(userId: string) {
  return queryOptions({
    queryKey: [...friendsKey, "relation", userId],
    queryFn: async () => (await findRelation(userId)) ?? nothing(userId),
  });
}

const findRelation = inBatches(async (userIds) => {
  const { relations } = await friends.batchGetRelations({ userIds });
  return new Map(relations.map((relation) => [relation.userId, relation]));
});

/** Takes steps about somebody. What comes of one shows at once, and is taken back if it is refused. */
export function useStep(userId: string) {
  const client = useQueryClient();
  const query = relationQuery(userId);
  return useMutation({
    mutationFn: (step: Step) => send[step](userId),
    onMutate: async (step) => {
      await client.cancelQueries(query);
      const state = stateAfter[step];
      client.setQueryData(query.queryKey, (before) => ({ ...(before ?? nothing(userId)), state }));
    },
    onSuccess: (relation, step) => {
      client.setQueryData(query.queryKey, relation);
      if (step === "block" || step === "unblock") showBlock(client, userId, step === "block");
      const said = done[step];
      if (said) toast(said);
    },
    onError: (error) => toast(describe(error)),
    onSettled: async (_, error) => {
      await Promise.all([
        client.invalidateQueries({ queryKey: listsKey }),
        error && client.invalidateQueries(query),
      ]);
      // What was pressed may be gone.
      if (document.activeElement === document.body) focusHeading();
    },
  });
}

/** Reads again what is shown of what somebody is to the member, and whether the two can write to each other. */
export function refreshRelation(client: QueryClient, userId: string): void {
  const chat = findDirect(client, userId);
  void client.invalidateQueries({ queryKey: listsKey });
  void client.invalidateQueries(relationQuery(userId));
  if (chat) void client.invalidateQueries(chatQuery(chat.id));
}

/** Reads all of that again. */
export function refreshRelations(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: friendsKey });
  void client.invalidateQueries({ queryKey: chatKey });
}

/** No entry of their chat tells of a block. */
function showBlock(client: QueryClient, userId: string, blocked: boolean): void {
  const chat = findDirect(client, userId);
  if (chat) changeChat(client, chat.id, (before) => ({ ...before, blocked }));
}

function nothing(userId: string): Relation {
  return create(RelationSchema, { userId });
}
