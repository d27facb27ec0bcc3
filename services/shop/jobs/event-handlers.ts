import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { type Follow, follow } from "@plaza/kit/runtime/service";
import type { Parts } from "../context.ts";
import { forgetFormerBuyers, insertFormerBuyer } from "../store/deleted-buyers.ts";

/** Orders stay when their buyer leaves, because the books must; who it was does not. */
export function shopFollows({ now }: Pick<Parts, "now">): Follow[] {
  return [
    follow("users", UserDeletedSchema, async (tx, { userId }) => {
      await insertFormerBuyer(tx, userId, now());
      await forgetFormerBuyers(tx);
    }),
  ];
}
