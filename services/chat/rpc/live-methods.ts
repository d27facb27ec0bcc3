import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import type { SubscribeRequest } from "@plaza/contract/chat/v1/stream";
import { requireAccount } from "@plaza/kit/identity/caller";
import type { ServiceContext } from "../context.ts";
import { assertNotBlocked, noSuchChat } from "../domain/chat.ts";
import { Subscription, type SubscriptionOptions } from "../live/subscription.ts";
import { advanceReadCursor, findActiveMemberships } from "../store/memberships.ts";

type LiveMethod = "markRead" | "sendTyping" | "subscribe";

/** Subscribing, read cursors, typing. */
export function liveMethods(
  deps: ServiceContext,
): Pick<ServiceImpl<typeof ChatService>, LiveMethod> {
  const { db, presence } = deps;

  return {
    async markRead({ chatId, number }, context) {
      const { id } = requireAccount(context);
      const { readNumber, unreadCount, wasNumber, isBlocked } =
        (await advanceReadCursor(db, chatId, id, number)) ?? noSuchChat(chatId);
      const isAdvanced = readNumber > wasNumber && !isBlocked;
      if (isAdvanced) presence.send("read", chatId.toLowerCase(), id, readNumber);
      return { readNumber, unreadCount };
    },

    async sendTyping({ chatId }, context) {
      const userId = requireAccount(context).id;
      const [me = noSuchChat(chatId)] = await findActiveMemberships(db, [{ chatId, userId }]);
      assertNotBlocked(me);
      presence.send("typing", me.chatId, userId);
      return {};
    },

    async *subscribe(request, context) {
      const userId = requireAccount(context).id;
      const subscription = new Subscription(deps, {
        ...toSubscriptionOptions(userId, request),
        onChatOpened: (chatId) => void presence.joinChat(userId, chatId),
      });
      let isOnline = false;
      try {
        for await (const event of subscription.events(context.signal)) {
          // Only once all chats are watched, or the answers to the probe would be missed.
          if (!isOnline && event.event.case === "heartbeat") {
            await presence.join(userId);
            isOnline = true;
          }
          yield event;
        }
      } finally {
        if (isOnline) presence.leave(userId);
      }
    },
  };
}

export function toSubscriptionOptions(
  userId: string,
  { since, fromBeginning, signals }: SubscribeRequest,
): SubscriptionOptions {
  const positions = since.map((position): [string, number] => {
    const [chatId = "", seq] = position.toLowerCase().split(":");
    return [chatId, Number(seq)];
  });
  return { userId, since: new Map(positions), fromBeginning, signals };
}
