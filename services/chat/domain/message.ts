import { Fault, fieldRequired, idempotencyKeyReused } from "@plaza/kit/errors/fault";
import { normalizeMarkdown } from "@plaza/kit/text/normalize-text";
import { requireMarkdown } from "@plaza/kit/text/require-markdown";
import { type ActiveMembership, assertNotBlocked, type Membership } from "./chat.ts";

export type Message = {
  readonly chatId: string;
  readonly seq: number;
  /** 1-based index of the message in its chat, for unread counts. */
  readonly number: number;
  readonly senderId: string | null;
  readonly text: string;
  /** 0 for none. */
  readonly replyToSeq: number;
  readonly reactions: readonly Reaction[];
  /** The seq of its last entry. */
  readonly changedSeq: number;
  readonly createTime: Date;
  readonly editTime: Date | null;
  readonly deleteTime: Date | null;
};

export type Reaction = { readonly emoji: string; readonly userIds: readonly string[] };

/** A message to send. */
export type MessageDraft = {
  readonly chatId: string;
  readonly senderId: string;
  readonly text: string;
  readonly replyToSeq: number;
  readonly idempotencyKey: string;
  /** Equal for equal requests. */
  readonly requestDigest: string;
};

/** What a draft is validated against. */
export type SendContext = {
  /** The membership of the sender; undefined for none. */
  readonly membership: ActiveMembership | undefined;
  /** The message that was sent under the same key before. */
  readonly existing: StoredMessage | undefined;
  /** Whether the sender may see the message to reply to. */
  readonly canReply: boolean;
};

/** A message with the digest of the request that sent it. */
export type StoredMessage = Message & { readonly requestDigest: string };

const maxDistinctReactions = 20;

export function requireText(text: string): string {
  const stored = normalizeMarkdown(text) || fieldRequired("text");
  requireMarkdown("text", stored);
  return stored;
}

export function assertSender(me: Membership, { senderId }: Message): void {
  if (senderId !== me.userId) notYourMessage("only the author can edit this message");
}

export function assertCanDelete(me: Membership, { senderId }: Message): void {
  if (senderId === me.userId || me.role !== "member") return;
  notYourMessage("only the author and the moderators of the group can delete this message");
}

export function assertNotDeleted({ deleteTime }: Message): void {
  if (deleteTime === null) return;
  throw new Fault("precondition", "MESSAGE_DELETED", "this message was deleted");
}

/** Throws when the draft must not be sent; returns the earlier message of the same request, if any. */
export function validateDraft(
  draft: MessageDraft,
  { membership, existing, canReply }: SendContext,
): StoredMessage | undefined {
  if (!membership) throw new Fault("not_found", "NO_SUCH_CHAT", `no such chat: "${draft.chatId}"`);
  if (existing)
    return existing.requestDigest === draft.requestDigest ? existing : idempotencyKeyReused();
  assertNotBlocked(membership);
  if (draft.replyToSeq > 0 && !canReply) noSuchMessage(draft.replyToSeq);
  return undefined;
}

export function hasReacted({ reactions }: Message, userId: string, emoji: string): boolean {
  return reactions.some((one) => one.emoji === emoji && one.userIds.includes(userId));
}

export function assertReactionLimit({ reactions }: Message, emoji: string): void {
  if (reactions.length < maxDistinctReactions || reactions.some((one) => one.emoji === emoji))
    return;
  throw new Fault(
    "precondition",
    "TOO_MANY_REACTIONS",
    `a message can have at most ${maxDistinctReactions} different reactions`,
  );
}

export function noSuchMessage(seq: number): never {
  throw new Fault("not_found", "NO_SUCH_MESSAGE", `no such message: ${seq}`);
}

function notYourMessage(message: string): never {
  throw new Fault("forbidden", "NOT_YOUR_MESSAGE", message);
}
