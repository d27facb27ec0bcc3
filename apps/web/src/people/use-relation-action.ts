import { type Relation, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { friends } from "../lib/clients.ts";
import { errorMessage } from "../lib/error-message.ts";
import { t } from "../lib/messages.ts";
import { focusHeading } from "../ui/focus-heading.ts";
import { toast } from "../ui/toasts.ts";
import { notifyBlockChange } from "./block-listeners.ts";
import { invalidateFriendLists, noRelation, relationQuery } from "./relation-queries.ts";

/** What a member can do about their relation to a user. */
export type RelationAction =
  | "request"
  | "confirm"
  | "decline"
  | "withdraw"
  | "remove"
  | "block"
  | "unblock";

/** The relation after each action. A request to a user who has sent one makes the two friends. */
const stateByAction: Record<RelationAction, State> = {
  request: State.OUTGOING,
  confirm: State.CONFIRMED,
  decline: State.STATE_UNSPECIFIED,
  withdraw: State.STATE_UNSPECIFIED,
  remove: State.STATE_UNSPECIFIED,
  block: State.BLOCKED,
  unblock: State.STATE_UNSPECIFIED,
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

/** Runs an action on the relation to a user. The new state shows at once, and is read again if the action fails. */
export function useRelationAction(userId: string) {
  const client = useQueryClient();
  const query = relationQuery(userId);
  return useMutation({
    mutationFn: (action: RelationAction) => callByAction[action](userId),
    onMutate: async (action) => {
      await client.cancelQueries(query);
      const state = stateByAction[action];
      client.setQueryData(query.queryKey, (before) => ({
        ...(before ?? noRelation(userId)),
        state,
      }));
    },
    onSuccess: (relation, action) => {
      client.setQueryData(query.queryKey, relation);
      if (action === "block" || action === "unblock") {
        notifyBlockChange(client, userId, action === "block");
      }
      // The effect of the others is visible.
      if (action !== "request" && action !== "confirm") toast(t(`people.relationDone.${action}`));
    },
    onError: (error) => toast(errorMessage(error)),
    onSettled: async (_, error) => {
      await Promise.all([invalidateFriendLists(client), error && client.invalidateQueries(query)]);
      // The pressed button may be gone.
      if (document.activeElement === document.body) focusHeading();
    },
  });
}
