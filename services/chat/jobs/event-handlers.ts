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
import { insertDeletedUser } from "@plaza/kit/db/deleted-users";
import { type EventHandler, onEvent } from "@plaza/kit/events/event-handler";
import type { ServiceContext } from "../context.ts";
import { deleteBlock, deleteBlocksOf, insertBlock } from "../store/blocks.ts";
import * as chats from "../store/chats.ts";
import { listMemberships } from "../store/memberships.ts";
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
 * Handlers of events of other services. Subscribers get the resulting entries at the next poll, within a
 * second: a hint sent from a handler would come before the commit.
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

    // Only the blocker is notified; the other learns only of a friendship or request that ends first. The lock
    // of their chat orders the block against messages that are being sent.
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

    // Messages stay, in direct chats too, like letters that were received; the name of the sender does not.
    onEvent("users", UserDeletedSchema, async (tx, { userId }) => {
      await insertDeletedUser(tx, userId);
      const memberships = await listMemberships(tx, userId);
      const ids = memberships.map(({ chatId }) => chatId);
      for (const chat of await chats.lockChats(tx, ids)) {
        const active = (await listMemberships(tx, userId, chat.id)).find(
          (one) => one.untilSeq === null,
        );
        if (active) await chats.saveChat(tx, await leaveGroup(tx, chat, active, now()));
      }
      await anonymizeSender(tx, ids, userId);
      await deleteBlocksOf(tx, userId);
    }),
  ];
}
