import { FriendService, Relation_State } from "@plaza/contract/friends/v1/friends";
import { batchedReads } from "@plaza/kit/db/batch";
import type { Deps } from "@plaza/kit/runtime/service";
import { notFriends } from "../domain/chat.ts";

/**
 * Returns a function that throws NOT_FRIENDS unless a user is a friend of all the others. The checks of one
 * turn of the event loop become one call, as this service: callers may not read the relations of two others.
 */
export function createFriendCheck({
  client,
}: Pick<Deps, "client">): (userId: string, others: readonly string[]) => Promise<void> {
  const friends = client(FriendService);
  const findPair = batchedReads({
    async read(keys: string[]) {
      const pairs = keys.map((key) => {
        const [userId = "", otherId = ""] = key.split(" ");
        return { userId, otherId };
      });
      return (await friends.batchGetPairs({ pairs })).pairs;
    },
    keyOf: ({ userId, otherId }) => `${userId} ${otherId}`,
    maxBatchSize: 100,
  });
  return async (userId, others) => {
    const pairs = await Promise.all(others.map((otherId) => findPair(`${userId} ${otherId}`)));
    if (pairs.some((pair) => pair?.state !== Relation_State.CONFIRMED)) notFriends();
  };
}
