import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import { accountOf } from "@plaza/kit/identity/caller";
import type { Parts } from "../context.ts";
import { mustBeOpen, noSuchChat } from "../domain/chat.ts";
import { findStandings, moveRead } from "../store/memberships.ts";

type Presence = "markRead" | "sendTyping" | "subscribe";

/** Being there: following, reading, writing. */
export function presence(parts: Parts): Pick<ServiceImpl<typeof ChatService>, Presence> {
  const { db, signals, follow } = parts;

  return {
    async markRead({ chatId, number }, context) {
      const { id } = accountOf(context);
      const { readNumber, messageCount, wasNumber, isBlocked } =
        (await moveRead(db, chatId, id, number)) ?? noSuchChat(chatId);
      const isNews = readNumber > wasNumber && !isBlocked;
      if (isNews) signals.send("read", chatId.toLowerCase(), id, readNumber);
      return { readNumber, unreadCount: messageCount - readNumber };
    },

    async sendTyping({ chatId }, context) {
      const userId = accountOf(context).id;
      const [me = noSuchChat(chatId)] = await findStandings(db, [{ chatId, userId }]);
      mustBeOpen(me);
      signals.send("typing", me.chatId, userId);
      return {};
    },

    async *subscribe({ since, fromBeginning, signals: wantsSignals }, context) {
      const userId = accountOf(context).id;
      const positions = since.map((one): [string, number] => {
        const [chatId = "", seq] = one.toLowerCase().split(":");
        return [chatId, Number(seq)];
      });
      const wanted = { userId, since: new Map(positions), fromBeginning, signals: wantsSignals };
      let isThere = false;
      try {
        for await (const one of follow(parts, wanted, context.signal)) {
          // Not before all is followed, or the answers of those who are there would be missed.
          if (!isThere && one.event.case === "heartbeat") {
            await signals.come(userId);
            isThere = true;
          }
          yield one;
        }
      } finally {
        if (isThere) signals.go(userId);
      }
    },
  };
}
