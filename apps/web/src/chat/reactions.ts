import { create } from "@bufbuild/protobuf";
import { type Message, ReactionSchema } from "@plaza/contract/chat/v1/messages";

/** The emojis that the menu of a message offers. */
export const reactionEmojis = ["👍", "❤️", "😂", "😮", "😢", "🎉"];

export function hasReacted({ reactions }: Message, emoji: string, userId: string): boolean {
  return reactions.some((one) => one.emoji === emoji && one.userIds.includes(userId));
}

/** The message after a user has added an emoji, or removed it if it was theirs. */
export function toggleReaction(message: Message, emoji: string, userId: string): Message {
  const { reactions } = message;
  const reaction = reactions.find((one) => one.emoji === emoji);
  if (!reaction) {
    const added = create(ReactionSchema, { emoji, userIds: [userId] });
    return { ...message, reactions: [...reactions, added] };
  }
  const others = reaction.userIds.filter((id) => id !== userId);
  const userIds = others.length < reaction.userIds.length ? others : [...others, userId];
  const after = reactions.map((one) => (one === reaction ? { ...one, userIds } : one));
  return { ...message, reactions: after.filter((one) => one.userIds.length > 0) };
}
