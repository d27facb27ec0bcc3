import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { insertDeletedUser } from "@plaza/kit/db/deleted-users";
import { type EventHandler, onEvent } from "@plaza/kit/events/event-handler";
import { eraseBuyer } from "../store/buyer-erasure.ts";

/** Orders stay for the books when their buyer is deleted; personal data does not. */
export const shopEventHandlers: readonly EventHandler[] = [
  onEvent("users", UserDeletedSchema, async (tx, { userId }) => {
    await insertDeletedUser(tx, userId);
    await eraseBuyer(tx, userId);
  }),
];
