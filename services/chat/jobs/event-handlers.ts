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
import { lockUsers } from "@plaza/kit/db/advisory-locks";
import { type EventHandler, onEvent } from "@plaza/kit/events/event-handler";
import type { ServiceContext } from "../context.ts";
import { deleteBlock, deleteBlocksOf, insertBlock } from "../store/blocks.ts";
import * as chats from "../store/chats.ts";
import { insertDeletedUser, listMemberships } from "../store/memberships.ts";
import { anonymizeSender } from "../store/messages.ts";
import { leaveGroup } from "../use-cases/leave-group.ts";

const friendshipEvents = [
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
export function chatEventHandlers({
  presence,
  relationNotifier,
  now,
}: ServiceContext): readonly EventHandler[] {
  return [
    ...friendshipEvents.map((event) =>
      onEvent("friends", event, async (tx, { userId, otherId }) => {
        await relationNotifier.notifyAfterCommit(tx, userId, otherId);
        await relationNotifier.notifyAfterCommit(tx, otherId, userId);
      }),
    ),

    // Only who blocks is told: to the other all is as it was, but for a friendship or request that ends first.
    // Holding their chat makes those who write in it see the block, or come before it.
    onEvent("friends", UserBlockedSchema, async (tx, { userId, otherId }) => {
      const direct = await chats.findDirectChat(tx, userId, otherId);
      if (direct) await chats.lockChats(tx, [direct.id]);
      await insertBlock(tx, userId, otherId);
      await relationNotifier.notifyAfterCommit(tx, userId, otherId);
      if (!direct) return;
      presence.send("offline", direct.id, userId);
      presence.send("offline", direct.id, otherId);
    }),

    onEvent("friends", UserUnblockedSchema, async (tx, { userId, otherId }) => {
      await deleteBlock(tx, userId, otherId);
      await relationNotifier.notifyAfterCommit(tx, userId, otherId);
    }),

    // What somebody said stays, in direct chats too, like letters that were received; who it was does not.
    onEvent("users", UserDeletedSchema, async (tx, { userId }) => {
      await lockUsers(tx, [userId]);
      await insertDeletedUser(tx, userId);
      const stays = await listMemberships(tx, userId);
      const ids = stays.map(({ chatId }) => chatId);
      for (const chat of await chats.lockChats(tx, ids)) {
        const open = (await listMemberships(tx, userId, chat.id)).find(
          (one) => one.untilSeq === null,
        );
        if (open) await chats.saveChat(tx, await leaveGroup(tx, chat, open, now()));
      }
      await anonymizeSender(tx, ids, userId);
      await deleteBlocksOf(tx, userId);
    }),
  ];
}
