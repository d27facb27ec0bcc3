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

/** What came of drafts: of each its message or why not, and the chats that have gone on. */
export type SendResult = {
  readonly results: readonly (Message | Fault)[];
  readonly chats: readonly Chat[];
};

/**
 * Posts drafts to chats, in the order given. Of a draft whose key was used before, it answers the message of
 * that time.
 */
export async function sendMessages(
  tx: Tx,
  drafts: readonly MessageDraft[],
  now: Date,
): Promise<SendResult> {
  const held = await lockChats(tx, [...new Set(drafts.map(({ chatId }) => chatId))]);
  const ground = await loadSendContext(tx, drafts);
  const chats = new Map(held.map((chat) => [chat.id, chat]));
  const posted = new Map<string, StoredMessage & MessageDraft>();
  const results = drafts.map((draft): Message | Fault => {
    try {
      const existing = posted.get(draftKey(draft)) ?? ground.said.get(draftKey(draft));
      const membership = ground.standings.get(compositeKey(draft.chatId, draft.senderId));
      const canReply = ground.visible.has(
        compositeKey(draft.chatId, draft.senderId, draft.replyToSeq),
      );
      const before = validateDraft(draft, { membership, existing, canReply });
      if (before) return before;
      const chat = advanceChat(chats.get(draft.chatId) as Chat, now);
      const message = toMessage(draft, chat, now);
      chats.set(chat.id, chat);
      posted.set(draftKey(draft), message);
      return message;
    } catch (error) {
      // Of one among many: the others are said all the same.
      if (error instanceof Fault) return error;
      throw error;
    }
  });
  const moved = [...chats.values()].filter((chat) => !held.includes(chat));
  if (moved.length > 0) await insertMessages(tx, [...posted.values()], moved);
  return { results, chats: moved };
}

/** What decides about the drafts; read once their chats are held. */
async function loadSendContext(tx: Tx, drafts: readonly MessageDraft[]) {
  const senders = drafts.map(({ chatId, senderId }) => ({ chatId, userId: senderId }));
  const replies = drafts
    .filter(({ replyToSeq }) => replyToSeq > 0)
    .map(({ chatId, senderId, replyToSeq }) => ({ chatId, userId: senderId, seq: replyToSeq }));
  const [standings, said, visible] = await Promise.all([
    findActiveMemberships(tx, senders),
    findMessagesByIdempotencyKey(tx, drafts),
    replies.length > 0 ? findVisibleMessages(tx, replies) : [],
  ]);
  return {
    standings: new Map<string, ActiveMembership>(
      standings.map((one) => [compositeKey(one.chatId, one.userId), one]),
    ),
    said: new Map<string, StoredMessage>(
      said.map((one) => [draftKey({ ...one, senderId: one.senderId ?? "" }), one]),
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
