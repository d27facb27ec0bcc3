import type { HandlerContext } from "@connectrpc/connect";
import { type Chat as ChatMessage, ChatSchema } from "@plaza/contract/chat/v1/chats";
import { requireAccount } from "@plaza/kit/identity/caller";
import { includesField, parseReadMask, prune, type ReadMask } from "@plaza/kit/rpc/field-mask";
import type { ServiceContext } from "../context.ts";
import { type ChatView, noSuchChat } from "../domain/chat.ts";
import { toChat, toMember } from "../mappers/chat.ts";
import { findChatView } from "../store/chat-views.ts";
import { listMembers } from "../store/memberships.ts";
import { findLatestMessages } from "../store/messages.ts";

/** Makes chats as a caller sees them. */
export function createChatPresenter({ db, findCard }: Pick<ServiceContext, "db" | "findCard">) {
  /** The chats with what the mask selects; the members of those that `isOpen` says. */
  async function showAll(
    views: readonly ChatView[],
    mask: ReadMask,
    context: HandlerContext,
    isOpen: (view: ChatView) => boolean,
  ): Promise<ChatMessage[]> {
    const open = includesField(mask, "members") ? views.filter(isOpen).map(({ id }) => id) : [];
    const [members, messages] = await Promise.all([
      open.length > 0 ? listMembers(db, open) : [],
      includesField(mask, "last_message")
        ? findLatestMessages(
            db,
            views.map(({ id, fromSeq }) => ({ chatId: id, fromSeq })),
          )
        : [],
    ]);
    const shown = await Promise.all(
      members.map(async (one) => {
        const { chatId, userId } = one;
        return { chatId, member: toMember(one, await findCard(userId, context)) };
      }),
    );
    const byChat = Map.groupBy(shown, ({ chatId }) => chatId);
    return views.map((view) => {
      const own = (byChat.get(view.id) ?? []).map(({ member }) => member);
      const last = messages.find(({ chatId }) => chatId === view.id);
      return prune(ChatSchema, toChat(view, own, last), mask);
    });
  }

  return {
    showAll,
    /** One chat of the caller's. Throws NO_SUCH_CHAT. */
    async show(
      chatId: string,
      context: HandlerContext,
      mask: ReadMask = parseReadMask(ChatSchema, undefined),
    ): Promise<ChatMessage> {
      const view =
        (await findChatView(db, requireAccount(context).id, chatId)) ?? noSuchChat(chatId);
      const [shown = noSuchChat(chatId)] = await showAll([view], mask, context, () => true);
      return shown;
    },
  };
}
