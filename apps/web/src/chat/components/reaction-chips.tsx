import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { t } from "../../lib/messages.ts";
import { displayName } from "../../people/names.ts";
import { joinNames } from "../join-names.ts";

const maxNames = 10;

type ReactionChipsProps = {
  message: Message;
  chat: Chat;
  userId: string;
  onReact: ((message: Message, emoji: string) => void) | undefined;
};

/** The reactions to a message with their counts; pressing one adds or removes the member's own. */
export function ReactionChips({ message, chat, userId, onReact }: ReactionChipsProps) {
  if (message.reactions.length === 0) return null;
  const members = new Map(chat.members.map((member) => [member.userId, member]));
  const nameOf = (id: string) => {
    if (id === userId) return t("chat.youInSentence");
    const member = members.get(id);
    return member ? displayName(member.user ?? null) : t("chat.reactions.formerMember");
  };
  return (
    <div className="-mt-1.5 flex flex-wrap gap-1 px-2">
      {message.reactions.map(({ emoji, userIds }) => (
        <button
          key={emoji}
          type="button"
          aria-pressed={userIds.includes(userId)}
          disabled={!onReact}
          title={joinNames(userIds.map(nameOf), maxNames).join("")}
          onClick={() => onReact?.(message, emoji)}
          className="touch-target flex min-h-7 items-center gap-1 rounded-full bg-card px-2 text-xs text-soft shadow-card tabular-nums not-disabled:hover:bg-sunken aria-pressed:bg-accent-wash aria-pressed:text-accent-deep aria-pressed:outline aria-pressed:outline-accent/60"
        >
          <span className="text-sm">{emoji}</span> {userIds.length}
        </button>
      ))}
    </div>
  );
}
