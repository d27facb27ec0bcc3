import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import type { Tx } from "@plaza/kit/db/database";
import { publish } from "@plaza/kit/events/outbox";
import * as store from "./store.ts";

/** Deletes a profile and publishes UserDeleted; does nothing when there is no profile. */
export async function removeProfile(tx: Tx, id: string): Promise<void> {
  if (await store.deleteProfile(tx, id)) await publish(tx, UserDeletedSchema, { userId: id }, id);
}
