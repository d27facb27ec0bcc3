import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { type EventHandler, onEvent } from "@plaza/kit/events/event-handler";
import type { ServiceContext } from "../context.ts";
import { eraseDeletedBuyers, insertDeletedBuyer } from "../store/deleted-buyers.ts";

/** Orders stay for the books when their buyer is deleted; personal data does not. */
export function shopEventHandlers({ now }: Pick<ServiceContext, "now">): EventHandler[] {
  return [
    onEvent("users", UserDeletedSchema, async (tx, { userId }) => {
      await insertDeletedBuyer(tx, userId, now());
      await eraseDeletedBuyers(tx);
    }),
  ];
}
