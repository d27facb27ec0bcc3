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

/** Presents chats to a caller. */
export function createChatPresenter({ db, findCard }: Pick<ServiceContext, "db" | "findCard">) {
  /** The chats with the fields of the mask; members only of those for which `showsMembers` is true. */
  async function presentAll(
    views: readonly ChatView[],
    mask: ReadMask,
    context: HandlerContext,
    showsMembers: (view: ChatView) => boolean,
  ): Promise<ChatMessage[]> {
    const withMembers = includesField(mask, "members")
      ? views.filter(showsMembers).map(({ id }) => id)
      : [];
    const [members, messages] = await Promise.all([
      withMembers.length > 0 ? listMembers(db, withMembers) : [],
      includesField(mask, "last_message")
        ? findLatestMessages(
            db,
            views.map(({ id, fromSeq }) => ({ chatId: id, fromSeq })),
          )
        : [],
    ]);
    const presented = await Promise.all(
      members.map(async (one) => {
        const { chatId, userId } = one;
        return { chatId, member: toMember(one, await findCard(userId, context)) };
      }),
    );
    const byChat = Map.groupBy(presented, ({ chatId }) => chatId);
    return views.map((view) => {
      const own = (byChat.get(view.id) ?? []).map(({ member }) => member);
      const last = messages.find(({ chatId }) => chatId === view.id);
      return prune(ChatSchema, toChat(view, own, last), mask);
    });
  }

  return {
    presentAll,
    /** One chat of the caller's. Throws NO_SUCH_CHAT. */
    async present(
      chatId: string,
      context: HandlerContext,
      mask: ReadMask = parseReadMask(ChatSchema, undefined),
    ): Promise<ChatMessage> {
      const view =
        (await findChatView(db, requireAccount(context).id, chatId)) ?? noSuchChat(chatId);
      const [presented = noSuchChat(chatId)] = await presentAll([view], mask, context, () => true);
      return presented;
    },
  };
}
