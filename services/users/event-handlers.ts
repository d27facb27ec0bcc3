import { AccountClosedSchema } from "@plaza/contract/auth/v1/events";
import { UserBlockedSchema, UserUnblockedSchema } from "@plaza/contract/friends/v1/events";
import { type EventHandler, onEvent } from "@plaza/kit/events/event-handler";
import { removeProfile } from "./remove-profile.ts";
import * as store from "./store.ts";

export const userEventHandlers: readonly EventHandler[] = [
  // Also finishes a DeleteUser that died between closing the account and deleting the profile.
  onEvent("auth", AccountClosedSchema, (tx, { accountId }) => removeProfile(tx, accountId)),
  // A search leaves out users who block the caller. friends publishes UserUnblocked when either of the two is deleted.
  onEvent("friends", UserBlockedSchema, (tx, { userId, otherId }) =>
    store.insertBlock(tx, userId, otherId),
  ),
  onEvent("friends", UserUnblockedSchema, (tx, { userId, otherId }) =>
    store.deleteBlock(tx, userId, otherId),
  ),
];
