import type { Relation } from "@plaza/contract/friends/v1/friends";
import { Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { errorMessage } from "../lib/error-messages.ts";
import { friends } from "../lib/member-clients.ts";
import { focusHeading } from "../ui/focus-heading.ts";
import { toast } from "../ui/toasts.ts";
import { notifyBlockChange } from "./block-listeners.ts";
import { invalidateFriendLists, noRelation, relationQuery } from "./relation-queries.ts";

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
      if (step === "block" || step === "unblock") {
        notifyBlockChange(client, userId, step === "block");
      }
      const said = successMessages[step];
      if (said) toast(said);
    },
    onError: (error) => toast(errorMessage(error)),
    onSettled: async (_, error) => {
      await Promise.all([invalidateFriendLists(client), error && client.invalidateQueries(query)]);
      // What was pressed may be gone.
      if (document.activeElement === document.body) focusHeading();
    },
  });
}
