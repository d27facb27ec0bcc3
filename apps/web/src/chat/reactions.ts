import { create } from "@bufbuild/protobuf";
import { type Message, ReactionSchema } from "@plaza/contract/chat/v1/messages";

/** What one can feel at the press of a button. */
export const reactionEmojis = ["👍", "❤️", "😂", "😮", "😢", "🎉"];

export function hasReacted({ reactions }: Message, emoji: string, userId: string): boolean {
  return reactions.some((one) => one.emoji === emoji && one.userIds.includes(userId));
}

/** The message once somebody has put an emoji on it, or taken it off. */
export function toggleReaction(message: Message, emoji: string, userId: string): Message {
  const { reactions } = message;
  const there = reactions.find((one) => one.emoji === emoji);
  if (!there) {
    const added = create(ReactionSchema, { emoji, userIds: [userId] });
    return { ...message, reactions: [...reactions, added] };
  }
  const others = there.userIds.filter((id) => id !== userId);
  const userIds = others.length < there.userIds.length ? others : [...others, userId];
  const after = reactions.map((one) => (one === there ? { ...one, userIds } : one));
  return { ...message, reactions: after.filter((one) => one.userIds.length > 0) };
}
