import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import { batchedWrites } from "@plaza/kit/db/batch";
import type { Tx } from "@plaza/kit/db/database";
import { accountOf } from "@plaza/kit/identity/caller";
import { requestKey } from "@plaza/kit/rpc/idempotency-key";
import type { Parts } from "../context.ts";
import { mustBeOpen } from "../domain/chat.ts";
import {
  type Draft,
  hasReacted,
  type Message,
  mayDelete,
  mustBeThere,
  mustHaveRoom,
  mustHaveWritten,
  noSuchMessage,
} from "../domain/message.ts";
import { toMessage } from "../mappers/chat.ts";
import * as store from "../store/messages.ts";
import { append, type Changed, changeChat, type Held } from "../use-cases/change-chat.ts";
import { post } from "../use-cases/send-messages.ts";

type Writes = "sendMessage" | "editMessage" | "deleteMessage" | "reactToMessage";

export function messageWrites(parts: Parts): Pick<ServiceImpl<typeof ChatService>, Writes> {
  const { db, hub, now } = parts;
  const send = batchedWrites<Draft, Message>({
    async write(drafts) {
      const { results, chats } = await db.begin((tx) => post(tx, parts, drafts, now()));
      for (const { id: chatId, lastSeq } of chats) hub.moved({ chatId, lastSeq, added: [] });
      return results;
    },
  });

  /** Changes a message that the caller may see. */
  async function change(
    { chatId, seq }: store.Ref,
    userId: string,
    work: (tx: Tx, held: Held, message: Message) => Promise<Changed<unknown>>,
  ) {
    const message = await changeChat(parts, chatId, userId, async (tx, held) => {
      const refs = await store.findVisible(tx, [{ chatId, seq, userId }]);
      const [before = noSuchMessage(seq)] = await store.findMessages(tx, refs);
      const { chat } = await work(tx, held, before);
      if (chat === held.chat) return { chat, answer: before };
      await store.saveChanged(tx, before, chat.lastSeq);
      const [after = before] = await store.findMessages(tx, refs);
      return { chat, answer: after };
    });
    return toMessage(message);
  }

  return {
    async sendMessage({ chatId, text, replyToSeq, idempotencyKey }, context) {
      const digest = requestKey(idempotencyKey, text, replyToSeq)?.digest ?? "";
      const draft: Draft = {
        chatId: chatId.toLowerCase(),
        senderId: accountOf(context).id,
        text,
        replyToSeq,
        idempotencyKey,
        requestDigest: digest,
      };
      return toMessage(await send(draft));
    },

    async editMessage({ text, ...ref }, context) {
      const { id: userId } = accountOf(context);
      return change(ref, userId, async (tx, { chat, me }, message) => {
        mustHaveWritten(me, message);
        mustBeThere(message);
        mustBeOpen(me);
        if (message.text === text) return { chat, answer: message };
        await store.saveText(tx, { ...message, text, editTime: now() });
        const entry = { type: "edited", userId, messageSeq: ref.seq } as const;
        return { chat: await append(tx, chat, entry, now()), answer: message };
      });
    },

    async deleteMessage(ref, context) {
      const { id: userId } = accountOf(context);
      return change(ref, userId, async (tx, { chat, me }, message) => {
        mayDelete(me, message);
        if (message.deleteTime) return { chat, answer: message };
        await store.saveText(tx, { ...message, text: "", deleteTime: now() });
        await store.deleteReactions(tx, message);
        const entry = { type: "deleted", userId, messageSeq: ref.seq } as const;
        return { chat: await append(tx, chat, entry, now()), answer: message };
      });
    },

    async reactToMessage({ emoji, remove, ...ref }, context) {
      const { id: userId } = accountOf(context);
      return change(ref, userId, async (tx, { chat, me }, message) => {
        mustBeThere(message);
        mustBeOpen(me);
        if (hasReacted(message, userId, emoji) !== remove) return { chat, answer: message };
        if (!remove) mustHaveRoom(message, emoji);
        const entry = { type: "reacted", userId, messageSeq: ref.seq } as const;
        const after = await append(tx, chat, entry, now());
        if (remove) await store.deleteReaction(tx, message, userId, emoji);
        else await store.insertReaction(tx, message, { userId, emoji, seq: after.lastSeq });
        return { chat: after, answer: message };
      });
    },
  };
}
