import { AccountClosedSchema } from "@plaza/contract/auth/v1/events";
import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import type { Tx } from "@plaza/kit/db";
import { announce } from "@plaza/kit/events";
import { type Follow, follow } from "@plaza/kit/service";
import * as store from "./store.ts";

/** A profile goes with its account, also when DeleteUser died between the two. */
export const userFollows: readonly Follow[] = [
  follow("auth", AccountClosedSchema, (tx, { accountId }) => removeProfile(tx, accountId)),
];

/** Deletes a profile and announces it; does nothing when it is gone already. */
export async function removeProfile(tx: Tx, id: string): Promise<void> {
  if (await store.deleteProfile(tx, id)) await announce(tx, UserDeletedSchema, { userId: id }, id);
}
