import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import type { SearchMessagesRequest } from "@plaza/contract/chat/v1/messages";
import { SearchOrder } from "@plaza/contract/kit/v1/search";
import { requireAccount } from "@plaza/kit/identity/caller";
import {
  isoTimePattern,
  offsetKey,
  offsetPattern,
  pageSize,
  paginate,
  parsePageToken,
  uuidPattern,
} from "@plaza/kit/rpc/pagination";
import { boundSearch } from "@plaza/kit/text/bound-search";
import { parseSearchQuery } from "@plaza/kit/text/search-query";
import { byRelevance } from "@plaza/kit/text/search-rows";
import type { ServiceContext } from "../context.ts";
import { maxSeq } from "../domain/entry.ts";
import { noSuchMessage } from "../domain/message.ts";
import { toMessage } from "../mappers/message.ts";
import * as store from "../store/messages.ts";
import { type MessageSearchWindow, searchMessages } from "../store/search-messages.ts";
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
      const window = toSearchWindow(request);
      const chatId = request.chatId || undefined;
      const userId = chatId ? await requireMember(db, chatId, context) : requireAccount(context).id;
      const words = parseSearchQuery(query);
      const found = words
        ? await boundSearch(db, (tx) =>
            searchMessages(tx, { userId, chatId, query: words }, { ...window, limit: size + 1 }),
          )
        : [];
      const { rows, nextPageToken } = paginate(found, size, (one) =>
        window.sorting
          ? [offsetKey(window.sorting.offset + size)]
          : [one.createTime.toISOString(), one.chatId, String(one.seq)],
      );
      return { messages: rows.map(toMessage), nextPageToken };
    },
  };
}

/** Where the page of a search begins. Throws BAD_PAGE_TOKEN. */
function toSearchWindow({
  order,
  pageToken,
}: Pick<SearchMessagesRequest, "order" | "pageToken">): Omit<MessageSearchWindow, "limit"> {
  if (order === SearchOrder.RELEVANCE) {
    const [offset = "0"] = parsePageToken(pageToken, [offsetPattern]) ?? [];
    return { sorting: { order: byRelevance, offset: Number(offset) } };
  }
  const [createTime, chatId, seq] =
    parsePageToken(pageToken, [isoTimePattern, uuidPattern, seqPattern]) ?? [];
  return createTime && chatId ? { before: { createTime, chatId, seq: Number(seq) } } : {};
}
