import type { Tx } from "@plaza/kit/db/database";
import { Fault } from "@plaza/kit/errors/fault";
import type { ActiveMembership, Chat } from "../domain/chat.ts";
import {
  type Message,
  type MessageDraft,
  type StoredMessage,
  validateDraft,
} from "../domain/message.ts";
import { lockChats } from "../store/chats.ts";
import { findActiveMemberships } from "../store/memberships.ts";
import {
  findMessagesByIdempotencyKey,
  findVisibleMessages,
  insertMessages,
} from "../store/messages.ts";

/** Per draft the stored message or a Fault; and the chats whose lastSeq advanced. */
export type SendResult = {
  readonly results: readonly (Message | Fault)[];
  readonly chats: readonly Chat[];
};

/** Sends drafts in order. A draft whose idempotency key was used gets the message of that request. */
export async function sendMessages(
  tx: Tx,
  drafts: readonly MessageDraft[],
  now: Date,
): Promise<SendResult> {
  const locked = await lockChats(tx, [...new Set(drafts.map(({ chatId }) => chatId))]);
  const context = await loadSendContext(tx, drafts);
  const chats = new Map(locked.map((chat) => [chat.id, chat]));
  const sent = new Map<string, StoredMessage & MessageDraft>();
  const results = drafts.map((draft): Message | Fault => {
    try {
      const existing = sent.get(draftKey(draft)) ?? context.existing.get(draftKey(draft));
      const membership = context.memberships.get(compositeKey(draft.chatId, draft.senderId));
      const canReply = context.visible.has(
        compositeKey(draft.chatId, draft.senderId, draft.replyToSeq),
      );
      const before = validateDraft(draft, { membership, existing, canReply });
      if (before) return before;
      const chat = advanceChat(chats.get(draft.chatId) as Chat, now);
      const message = toMessage(draft, chat, now);
      chats.set(chat.id, chat);
      sent.set(draftKey(draft), message);
      return message;
    } catch (error) {
      // Fails this draft only.
      if (error instanceof Fault) return error;
      throw error;
    }
  });
  const advanced = [...chats.values()].filter((chat) => !locked.includes(chat));
  if (advanced.length > 0) await insertMessages(tx, [...sent.values()], advanced);
  return { results, chats: advanced };
}

/** What the drafts are validated against; read after the chats are locked. */
async function loadSendContext(tx: Tx, drafts: readonly MessageDraft[]) {
  const senders = drafts.map(({ chatId, senderId }) => ({ chatId, userId: senderId }));
  const replies = drafts
    .filter(({ replyToSeq }) => replyToSeq > 0)
    .map(({ chatId, senderId, replyToSeq }) => ({ chatId, userId: senderId, seq: replyToSeq }));
  const [memberships, existing, visible] = await Promise.all([
    findActiveMemberships(tx, senders),
    findMessagesByIdempotencyKey(tx, drafts),
    replies.length > 0 ? findVisibleMessages(tx, replies) : [],
  ]);
  return {
    memberships: new Map<string, ActiveMembership>(
      memberships.map((one) => [compositeKey(one.chatId, one.userId), one]),
    ),
    existing: new Map<string, StoredMessage>(
      existing.map((one) => [draftKey({ ...one, senderId: one.senderId ?? "" }), one]),
    ),
    visible: new Set(visible.map(({ chatId, userId, seq }) => compositeKey(chatId, userId, seq))),
  };
}

function advanceChat(chat: Chat, now: Date): Chat {
  const { lastSeq, messageCount } = chat;
  return { ...chat, lastSeq: lastSeq + 1, messageCount: messageCount + 1, activeTime: now };
}

function toMessage(
  draft: MessageDraft,
  { lastSeq: seq, messageCount: number }: Chat,
  now: Date,
): StoredMessage & MessageDraft {
  const unchanged = { reactions: [], changedSeq: seq, editTime: null, deleteTime: null };
  return { ...draft, ...unchanged, seq, number, createTime: now };
}

function draftKey(one: Pick<MessageDraft, "chatId" | "senderId" | "idempotencyKey">): string {
  return compositeKey(one.chatId, one.senderId, one.idempotencyKey);
}

function compositeKey(...parts: readonly (string | number)[]): string {
  return parts.join(" ");
}
