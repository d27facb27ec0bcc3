import {
  FriendshipConfirmedSchema,
  FriendshipDeclinedSchema,
  FriendshipEndedSchema,
  FriendshipRequestedSchema,
  FriendshipWithdrawnSchema,
  UserBlockedSchema,
  UserUnblockedSchema,
} from "@plaza/contract/friends/v1/events";
import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { lockPeople } from "@plaza/kit/db/advisory-locks";
import { type Follow, follow } from "@plaza/kit/runtime/service";
import type { Parts } from "../context.ts";
import { leave } from "../rpc/member-writes.ts";
import * as chats from "../store/chats.ts";
import { insertDeparted, listStays } from "../store/memberships.ts";
import { forgetSender } from "../store/messages.ts";

const seenByBoth = [
  FriendshipRequestedSchema,
  FriendshipWithdrawnSchema,
  FriendshipDeclinedSchema,
  FriendshipConfirmedSchema,
  FriendshipEndedSchema,
];

/**
 * What the service does about others' events. Whoever follows the chats learns of it by the look that comes
 * within a second: a hint from here would come before the commit.
 */
export function chatFollows({ lockChats, signals, relations, now }: Parts): readonly Follow[] {
  return [
    ...seenByBoth.map((event) =>
      follow("friends", event, async (tx, { userId, otherId }) => {
        await relations.changed(tx, userId, otherId);
        await relations.changed(tx, otherId, userId);
      }),
    ),

    // Only who blocks is told: to the other all is as it was, but for a friendship or request that ends first.
    // Holding their chat makes those who write in it see the block, or come before it.
    follow("friends", UserBlockedSchema, async (tx, { userId, otherId }) => {
      const direct = await chats.findDirect(tx, userId, otherId);
      if (direct) await lockChats(tx, [direct.id]);
      await chats.insertBlock(tx, userId, otherId);
      await relations.changed(tx, userId, otherId);
      if (!direct) return;
      signals.send("offline", direct.id, userId);
      signals.send("offline", direct.id, otherId);
    }),

    follow("friends", UserUnblockedSchema, async (tx, { userId, otherId }) => {
      await chats.deleteBlock(tx, userId, otherId);
      await relations.changed(tx, userId, otherId);
    }),

    // What somebody said stays, in direct chats too, like letters that were received; who it was does not.
    follow("users", UserDeletedSchema, async (tx, { userId }) => {
      await lockPeople(tx, [userId]);
      await insertDeparted(tx, userId);
      const stays = await listStays(tx, userId);
      const ids = stays.map(({ chatId }) => chatId);
      for (const chat of await lockChats(tx, ids)) {
        const open = (await listStays(tx, userId, chat.id)).find((one) => one.untilSeq === null);
        if (open) await chats.saveChat(tx, await leave(tx, chat, open, now()));
      }
      await forgetSender(tx, ids, userId);
      await chats.deleteBlocksOf(tx, userId);
    }),
  ];
}
