import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { insertDeletedUser } from "@plaza/kit/db/deleted-users";
import { type EventHandler, onEvent } from "@plaza/kit/events/event-handler";
import type { ServiceContext } from "../context.ts";
import { detachBuyer, eraseClosedOrders } from "../store/buyer-erasure.ts";

/** Orders stay for the books when their buyer is deleted; personal data only for what is still owed. */
export function shopEventHandlers({ now }: Pick<ServiceContext, "now">): EventHandler[] {
  return [
    onEvent("users", UserDeletedSchema, async (tx, { userId }) => {
      await insertDeletedUser(tx, userId);
      await detachBuyer(tx, userId, now());
      await eraseClosedOrders(tx);
    }),
  ];
}
