import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import { FriendCreatedSchema } from "@plaza/contract/friends/v1/events";
import { FriendSchema, type FriendService } from "@plaza/contract/friends/v1/friends";
import { batchedReads } from "@plaza/kit/batch";
import { accountOf } from "@plaza/kit/caller";
import { announce } from "@plaza/kit/events";
import { prune, readMask } from "@plaza/kit/mask";
import type { Deps } from "@plaza/kit/service";
import { type Friend, mayRead, noSuchFriend, notYourFriend, sameRequest } from "./domain.ts";
import * as store from "./store.ts";

export function friendService({ db, now, newId }: Deps): ServiceImpl<typeof FriendService> {
  const findFriend = batchedReads({
    read: (ids: string[]) => store.findFriends(db, ids),
    keyOf: ({ id }) => id,
  });

  return {
    async createFriend({ text, idempotencyKey: key }, context) {
      const ownerId = accountOf(context).id;
      const friend: Friend = { id: newId(), ownerId, text: text.trim(), createTime: now() };
      const isNew = await db.begin(async (tx) => {
        if (!(await store.insertFriend(tx, friend, key || null))) return false;
        await announce(tx, FriendCreatedSchema, { friendId: friend.id, ownerId }, friend.id);
        return true;
      });
      if (isNew) return toFriend(friend);
      return toFriend(sameRequest(await store.findFriendByKey(db, ownerId, key), friend));
    },

    async getFriend(request, context) {
      const mask = readMask(FriendSchema, request.readMask);
      const friend = (await findFriend(request.id.toLowerCase())) ?? noSuchFriend(request.id);
      if (!mayRead(friend, accountOf(context))) notYourFriend();
      return prune(FriendSchema, toFriend(friend), mask);
    },
  };
}

function toFriend({ createTime, ...friend }: Friend) {
  return create(FriendSchema, { ...friend, createTime: timestampFromDate(createTime) });
}
