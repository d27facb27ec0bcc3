import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";

type ReactionChipsProps = {
  message: Message;
  chat: Chat;
  userId: string;
  onReact: ((message: Message, emoji: string) => void) | undefined;
};

/** The reactions to a message with their counts; pressing one adds or removes the member's own. */
export function ReactionChips({ message, chat, userId, onReact }: ReactionChipsProps) {
  if (message.reactions.length === 0) return null;
  const nicknames = new Map(chat.members.map((one) => [one.userId, one.user?.nickname]));
  const nameOf = (id: string) => (id === userId ? "you" : (nicknames.get(id) ?? "a former member"));
  return (
    <div className="-mt-1.5 flex flex-wrap gap-1 px-2">
      {message.reactions.map(({ emoji, userIds }) => (
        <button
          key={emoji}
          type="button"
          aria-pressed={userIds.includes(userId)}
          disabled={!onReact}
          title={userIds.slice(0, 10).map(nameOf).join(", ")}
          onClick={() => onReact?.(message, emoji)}
          className="touch-target flex min-h-7 items-center gap-1 rounded-full bg-card px-2 text-xs text-soft shadow-card tabular-nums not-disabled:hover:bg-sunken aria-pressed:bg-accent-wash aria-pressed:text-accent-deep aria-pressed:outline aria-pressed:outline-accent/60"
        >
          <span className="text-sm">{emoji}</span> {userIds.length}
        </button>
      ))}
    </div>
  );
}
