import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { type Follow, follow } from "@plaza/kit/service";
import { deleteCart } from "./cart-store.ts";
import { forgetBuyer } from "./order-store.ts";

/** Orders stay when their buyer leaves, because the books must; who it was does not. */
export const shopFollows: readonly Follow[] = [
  follow("users", UserDeletedSchema, async (tx, { userId }) => {
    await deleteCart(tx, { userId });
    await forgetBuyer(tx, userId);
  }),
];
