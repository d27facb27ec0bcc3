import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import { requireAccount } from "@plaza/kit/identity/caller";
import {
  isoTimePattern,
  pageSize,
  paginate,
  parsePageToken,
  uuidPattern,
} from "@plaza/kit/rpc/pagination";
import { boundSearch } from "@plaza/kit/text/bound-search";
import { parseSearchQuery } from "@plaza/kit/text/search-query";
import type { ServiceContext } from "../context.ts";
import { maxSeq } from "../domain/entry.ts";
import { noSuchMessage } from "../domain/message.ts";
import { toMessage } from "../mappers/message.ts";
import * as store from "../store/messages.ts";
import { searchMessages } from "../store/search-messages.ts";
import { seqPattern } from "./page-tokens.ts";
import { requireMember } from "./require-member.ts";

type Reads = "getMessage" | "listMessages" | "searchMessages";

export function messageReads({ db }: ServiceContext): Pick<ServiceImpl<typeof ChatService>, Reads> {
  return {
    async getMessage({ chatId, seq }, context) {
      const userId = await requireMember(db, chatId, context);
      const refs = await store.findVisibleMessages(db, [{ chatId, seq, userId }]);
      const [message = noSuchMessage(seq)] = await store.findMessages(db, refs);
      return toMessage(message);
    },

    async listMessages({ chatId, ...request }, context) {
      const size = pageSize(request.pageSize);
      const [before = maxSeq] = parsePageToken(request.pageToken, [seqPattern]) ?? [];
      const userId = await requireMember(db, chatId, context);
      const found = await store.listMessages(db, { chatId, userId }, Number(before), size + 1);
      const { rows, nextPageToken } = paginate(found, size, ({ seq }) => [String(seq)]);
      return { messages: rows.map(toMessage), nextPageToken };
    },

    async searchMessages({ query, ...request }, context) {
      const size = pageSize(request.pageSize);
      const [createTime, at, seq] =
        parsePageToken(request.pageToken, [isoTimePattern, uuidPattern, seqPattern]) ?? [];
      const before = createTime && at ? { createTime, chatId: at, seq: Number(seq) } : undefined;
      const chatId = request.chatId || undefined;
      const userId = chatId ? await requireMember(db, chatId, context) : requireAccount(context).id;
      const words = parseSearchQuery(query);
      const found = words
        ? await boundSearch(db, (tx) =>
            searchMessages(tx, { userId, chatId, query: words }, before, size + 1),
          )
        : [];
      const { rows, nextPageToken } = paginate(found, size, (one) => [
        one.createTime.toISOString(),
        one.chatId,
        String(one.seq),
      ]);
      return { messages: rows.map(toMessage), nextPageToken };
    },
  };
}
