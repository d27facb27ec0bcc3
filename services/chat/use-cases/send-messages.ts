import type { Tx } from "@plaza/kit/db/database";
import { Fault } from "@plaza/kit/errors/fault";
import type { Parts } from "../context.ts";
import type { Chat, Standing } from "../domain/chat.ts";
import { type Draft, hear, type Message, type Said } from "../domain/message.ts";
import { insertPosted } from "../store/entries.ts";
import { findStandings } from "../store/memberships.ts";
import { findSaid, findVisible } from "../store/messages.ts";

/** What came of drafts: of each its message or why not, and the chats that have gone on. */
export type Posted = {
  readonly results: readonly (Message | Fault)[];
  readonly chats: readonly Chat[];
};

/**
 * Posts drafts to chats, in the order given. Of a draft whose key was used before, it answers the message of
 * that time.
 */
export async function post(
  tx: Tx,
  { lockChats }: Pick<Parts, "lockChats">,
  drafts: readonly Draft[],
  now: Date,
): Promise<Posted> {
  const held = await lockChats(tx, [...new Set(drafts.map(({ chatId }) => chatId))]);
  const ground = await groundOf(tx, drafts);
  const chats = new Map(held.map((chat) => [chat.id, chat]));
  const posted = new Map<string, Said & Draft>();
  const results = drafts.map((draft): Message | Fault => {
    try {
      const repeated = posted.get(keyOf(draft)) ?? ground.said.get(keyOf(draft));
      const standing = ground.standings.get(placeOf(draft.chatId, draft.senderId));
      const canReply = ground.visible.has(placeOf(draft.chatId, draft.senderId, draft.replyToSeq));
      const before = hear(draft, { standing, repeated, canReply });
      if (before) return before;
      const chat = next(chats.get(draft.chatId) as Chat, now);
      const message = say(draft, chat, now);
      chats.set(chat.id, chat);
      posted.set(keyOf(draft), message);
      return message;
    } catch (error) {
      // Of one among many: the others are said all the same.
      if (error instanceof Fault) return error;
      throw error;
    }
  });
  const moved = [...chats.values()].filter((chat) => !held.includes(chat));
  if (moved.length > 0) await insertPosted(tx, [...posted.values()], moved);
  return { results, chats: moved };
}

/** What decides about the drafts; read once their chats are held. */
async function groundOf(tx: Tx, drafts: readonly Draft[]) {
  const senders = drafts.map(({ chatId, senderId }) => ({ chatId, userId: senderId }));
  const replies = drafts
    .filter(({ replyToSeq }) => replyToSeq > 0)
    .map(({ chatId, senderId, replyToSeq }) => ({ chatId, userId: senderId, seq: replyToSeq }));
  const [standings, said, visible] = await Promise.all([
    findStandings(tx, senders),
    findSaid(tx, drafts),
    replies.length > 0 ? findVisible(tx, replies) : [],
  ]);
  return {
    standings: new Map<string, Standing>(
      standings.map((one) => [placeOf(one.chatId, one.userId), one]),
    ),
    said: new Map<string, Said>(
      said.map((one) => [keyOf({ ...one, senderId: one.senderId ?? "" }), one]),
    ),
    visible: new Set(visible.map(({ chatId, userId, seq }) => placeOf(chatId, userId, seq))),
  };
}

function next(chat: Chat, now: Date): Chat {
  const { lastSeq, messageCount } = chat;
  return { ...chat, lastSeq: lastSeq + 1, messageCount: messageCount + 1, activeTime: now };
}

function say(draft: Draft, { lastSeq: seq, messageCount: number }: Chat, now: Date): Said & Draft {
  const unchanged = { reactions: [], changedSeq: seq, editTime: null, deleteTime: null };
  return { ...draft, ...unchanged, seq, number, createTime: now };
}

function keyOf(one: Pick<Draft, "chatId" | "senderId" | "idempotencyKey">): string {
  return placeOf(one.chatId, one.senderId, one.idempotencyKey);
}

function placeOf(...parts: readonly (string | number)[]): string {
  return parts.join(" ");
}
