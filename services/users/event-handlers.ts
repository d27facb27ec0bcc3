import { AccountClosedSchema } from "@plaza/contract/auth/v1/events";
import { UserBlockedSchema, UserUnblockedSchema } from "@plaza/contract/friends/v1/events";
import { type EventHandler, onEvent } from "@plaza/kit/events/event-handler";
import { removeProfile } from "./remove-profile.ts";
import * as store from "./store.ts";

export const userEventHandlers: readonly EventHandler[] = [
  // A profile goes with its account, also when DeleteUser died between the two.
  onEvent("auth", AccountClosedSchema, (tx, { accountId }) => removeProfile(tx, accountId)),
  // Whoever is blocked does not find who blocks them. friends unblocks when either of the two leaves.
  onEvent("friends", UserBlockedSchema, (tx, { userId, otherId }) =>
    store.insertBlock(tx, userId, otherId),
  ),
  onEvent("friends", UserUnblockedSchema, (tx, { userId, otherId }) =>
    store.deleteBlock(tx, userId, otherId),
  ),
];
