import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import type { Tx } from "@plaza/kit/db/database";
import { insertDeletedUser } from "@plaza/kit/db/deleted-users";
import { publish } from "@plaza/kit/events/outbox";
import * as store from "./store.ts";

/** Deletes a profile for good and publishes UserDeleted, unless there is no profile. */
export async function removeProfile(tx: Tx, id: string): Promise<void> {
  await insertDeletedUser(tx, id);
  if (await store.deleteProfile(tx, id)) await publish(tx, UserDeletedSchema, { userId: id }, id);
}
