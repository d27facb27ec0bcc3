import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import { requireAccount } from "@plaza/kit/identity/caller";
import type { ServiceContext } from "../context.ts";
import { assertNotBlocked, noSuchChat } from "../domain/chat.ts";
import { advanceReadCursor, findActiveMemberships } from "../store/memberships.ts";

type LiveMethod = "markRead" | "sendTyping" | "subscribe";

/** Being there: following, reading, writing. */
export function liveMethods(
  deps: ServiceContext,
): Pick<ServiceImpl<typeof ChatService>, LiveMethod> {
  const { db, presence, subscribe } = deps;

  return {
    async markRead({ chatId, number }, context) {
      const { id } = requireAccount(context);
      const { readNumber, messageCount, wasNumber, isBlocked } =
        (await advanceReadCursor(db, chatId, id, number)) ?? noSuchChat(chatId);
      const isNews = readNumber > wasNumber && !isBlocked;
      if (isNews) presence.send("read", chatId.toLowerCase(), id, readNumber);
      return { readNumber, unreadCount: messageCount - readNumber };
    },

    async sendTyping({ chatId }, context) {
      const userId = requireAccount(context).id;
      const [me = noSuchChat(chatId)] = await findActiveMemberships(db, [{ chatId, userId }]);
      assertNotBlocked(me);
      presence.send("typing", me.chatId, userId);
      return {};
    },

    async *subscribe({ since, fromBeginning, signals: wantsSignals }, context) {
      const userId = requireAccount(context).id;
      const positions = since.map((one): [string, number] => {
        const [chatId = "", seq] = one.toLowerCase().split(":");
        return [chatId, Number(seq)];
      });
      const wanted = { userId, since: new Map(positions), fromBeginning, signals: wantsSignals };
      let isThere = false;
      try {
        for await (const one of subscribe(deps, wanted, context.signal)) {
          // Not before all is followed, or the answers of those who are there would be missed.
          if (!isThere && one.event.case === "heartbeat") {
            await presence.join(userId);
            isThere = true;
          }
          yield one;
        }
      } finally {
        if (isThere) presence.leave(userId);
      }
    },
  };
}
