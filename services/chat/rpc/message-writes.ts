import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import { batchedWrites } from "@plaza/kit/db/batch";
import type { Tx } from "@plaza/kit/db/database";
import { requireAccount } from "@plaza/kit/identity/caller";
import { createIdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import type { ServiceContext } from "../context.ts";
import { assertNotBlocked } from "../domain/chat.ts";
import {
  assertCanDelete,
  assertNotDeleted,
  assertReactionLimit,
  assertSender,
  hasReacted,
  type Message,
  type MessageDraft,
  noSuchMessage,
  requireText,
} from "../domain/message.ts";
import { toMessage } from "../mappers/message.ts";
import * as store from "../store/messages.ts";
import {
  appendEntry,
  type ChatChange,
  changeChat,
  type LockedChat,
} from "../use-cases/change-chat.ts";
import { sendMessages } from "../use-cases/send-messages.ts";

type Writes = "sendMessage" | "editMessage" | "deleteMessage" | "reactToMessage";

export function messageWrites(deps: ServiceContext): Pick<ServiceImpl<typeof ChatService>, Writes> {
  const { db, hub, now } = deps;
  const send = batchedWrites<MessageDraft, Message>({
    async write(drafts) {
      const { results, chats } = await db.begin((tx) => sendMessages(tx, drafts, now()));
      for (const { id: chatId, lastSeq } of chats)
        hub.notifyAdvanced({ chatId, lastSeq, added: [] });
      return results;
    },
  });

  /** Changes a message that the caller may see. */
  async function changeMessage(
    { chatId, seq }: store.MessageRef,
    userId: string,
    work: (tx: Tx, locked: LockedChat, message: Message) => Promise<ChatChange<unknown>>,
  ) {
    const message = await changeChat(deps, chatId, userId, async (tx, locked) => {
      const refs = await store.findVisibleMessages(tx, [{ chatId, seq, userId }]);
      const [before = noSuchMessage(seq)] = await store.findMessages(tx, refs);
      const { chat } = await work(tx, locked, before);
      if (chat === locked.chat) return { chat, result: before };
      await store.saveChangedSeq(tx, before, chat.lastSeq);
      const [after = before] = await store.findMessages(tx, refs);
      return { chat, result: after };
    });
    return toMessage(message);
  }

  return {
    async sendMessage({ chatId, text, replyToSeq, idempotencyKey }, context) {
      const digest = createIdempotencyKey(idempotencyKey, text, replyToSeq)?.digest ?? "";
      const draft: MessageDraft = {
        chatId: chatId.toLowerCase(),
        senderId: requireAccount(context).id,
        text: requireText(text),
        replyToSeq,
        idempotencyKey,
        requestDigest: digest,
      };
      return toMessage(await send(draft));
    },

    async editMessage({ text: wanted, ...ref }, context) {
      const text = requireText(wanted);
      const { id: userId } = requireAccount(context);
      return changeMessage(ref, userId, async (tx, { chat, membership }, message) => {
        assertSender(membership, message);
        assertNotDeleted(message);
        assertNotBlocked(membership);
        if (message.text === text) return { chat, result: message };
        await store.saveMessageText(tx, { ...message, text, editTime: now() });
        const entry = { type: "edited", userId, messageSeq: ref.seq } as const;
        return { chat: await appendEntry(tx, chat, entry, now()), result: message };
      });
    },

    async deleteMessage(ref, context) {
      const { id: userId } = requireAccount(context);
      return changeMessage(ref, userId, async (tx, { chat, membership }, message) => {
        assertCanDelete(membership, message);
        if (message.deleteTime) return { chat, result: message };
        await store.saveMessageText(tx, { ...message, text: "", deleteTime: now() });
        await store.deleteReactions(tx, message);
        const entry = { type: "deleted", userId, messageSeq: ref.seq } as const;
        return { chat: await appendEntry(tx, chat, entry, now()), result: message };
      });
    },

    async reactToMessage({ emoji, remove, ...ref }, context) {
      const { id: userId } = requireAccount(context);
      return changeMessage(ref, userId, async (tx, { chat, membership }, message) => {
        assertNotDeleted(message);
        assertNotBlocked(membership);
        if (hasReacted(message, userId, emoji) !== remove) return { chat, result: message };
        if (!remove) assertReactionLimit(message, emoji);
        const entry = { type: "reacted", userId, messageSeq: ref.seq } as const;
        const after = await appendEntry(tx, chat, entry, now());
        if (remove) await store.deleteReaction(tx, message, userId, emoji);
        else await store.insertReaction(tx, message, { userId, emoji, seq: after.lastSeq });
        return { chat: after, result: message };
      });
    },
  };
}
