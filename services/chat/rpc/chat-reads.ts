import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import { ChatSchema } from "@plaza/contract/chat/v1/chats";
import { accountOf } from "@plaza/kit/identity/caller";
import { readMask } from "@plaza/kit/rpc/field-mask";
import { page, pageKey, pageSize, uuid } from "@plaza/kit/rpc/pagination";
import type { Parts } from "../context.ts";
import { listViews } from "../store/chat-views.ts";
import { chatViews } from "./chat-presenter.ts";

type Reads = "getChat" | "listChats";

/** The form of a time in a page token. */
export const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export function chatReads(parts: Parts): Pick<ServiceImpl<typeof ChatService>, Reads> {
  const { show, showAll } = chatViews(parts);

  return {
    getChat: ({ id, readMask: mask }, context) => show(id, context, readMask(ChatSchema, mask)),

    async listChats(request, context) {
      const mask = readMask(ChatSchema, request.readMask);
      const size = pageSize(request.pageSize);
      const [activeTime, id] = pageKey(request.pageToken, [time, uuid]) ?? [];
      const before = activeTime && id ? { activeTime, id } : undefined;
      const found = await listViews(parts.db, accountOf(context).id, before, size + 1);
      const { rows, nextPageToken } = page(found, size, (view) => [
        view.activeTime.toISOString(),
        view.id,
      ]);
      const chats = await showAll(rows, mask, context, ({ kind }) => kind === "direct");
      return { chats, nextPageToken };
    },
  };
}
