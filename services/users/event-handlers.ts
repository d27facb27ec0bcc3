import { AccountClosedSchema } from "@plaza/contract/auth/v1/events";
import { UserBlockedSchema, UserUnblockedSchema } from "@plaza/contract/friends/v1/events";
import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import type { Tx } from "@plaza/kit/db/database";
import { announce } from "@plaza/kit/events/outbox";
import { type Follow, follow } from "@plaza/kit/runtime/service";
import * as store from "./store.ts";

export const userEventHandlers: readonly Follow[] = [
  // A profile goes with its account, also when DeleteUser died between the two.
  follow("auth", AccountClosedSchema, (tx, { accountId }) => removeProfile(tx, accountId)),
  // Whoever is blocked does not find who blocks them. friends unblocks when either of the two leaves.
  follow("friends", UserBlockedSchema, (tx, { userId, otherId }) =>
    store.insertBlock(tx, userId, otherId),
  ),
  follow("friends", UserUnblockedSchema, (tx, { userId, otherId }) =>
    store.deleteBlock(tx, userId, otherId),
  ),
];

/** Deletes a profile and announces it; does nothing when it is gone already. */
export async function removeProfile(tx: Tx, id: string): Promise<void> {
  if (await store.deleteProfile(tx, id)) await announce(tx, UserDeletedSchema, { userId: id }, id);
}
