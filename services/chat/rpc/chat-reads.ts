import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import { ChatSchema } from "@plaza/contract/chat/v1/chats";
import { requireAccount } from "@plaza/kit/identity/caller";
import { parseReadMask } from "@plaza/kit/rpc/field-mask";
import {
  isoTimePattern,
  pageSize,
  paginate,
  parsePageToken,
  uuidPattern,
} from "@plaza/kit/rpc/pagination";
import type { ServiceContext } from "../context.ts";
import { listChatViews } from "../store/chat-views.ts";
import { createChatPresenter } from "./chat-presenter.ts";

type Reads = "getChat" | "listChats";

export function chatReads(deps: ServiceContext): Pick<ServiceImpl<typeof ChatService>, Reads> {
  const { present, presentAll } = createChatPresenter(deps);

  return {
    getChat: ({ id, readMask: mask }, context) =>
      present(id, context, parseReadMask(ChatSchema, mask)),

    async listChats(request, context) {
      const mask = parseReadMask(ChatSchema, request.readMask);
      const size = pageSize(request.pageSize);
      const [activeTime, id] =
        parsePageToken(request.pageToken, [isoTimePattern, uuidPattern]) ?? [];
      const before = activeTime && id ? { activeTime, id } : undefined;
      const found = await listChatViews(deps.db, requireAccount(context).id, before, size + 1);
      const { rows, nextPageToken } = paginate(found, size, (view) => [
        view.activeTime.toISOString(),
        view.id,
      ]);
      const chats = await presentAll(rows, mask, context, ({ kind }) => kind === "direct");
      return { chats, nextPageToken };
    },
  };
}
