import { type Chat, Role } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { Copy, Pencil, Reply, SmilePlus, Trash2 } from "lucide-react";
import { t } from "../../lib/messages.ts";
import { Menu } from "../../ui/menu.tsx";
import { MenuAction } from "../../ui/menu-action.tsx";
import { toast } from "../../ui/toasts.ts";
import type { MessageActions } from "../message-actions.ts";
import { hasReacted, reactionEmojis } from "../reactions.ts";

type MessageMenuProps = { message: Message; chat: Chat; userId: string; actions: MessageActions };

/** The actions on a message. Shown on hover and focus, and always on touch screens. */
export function MessageMenu({ message, chat, userId, actions }: MessageMenuProps) {
  const isOwn = message.senderId === userId;
  const mayRemove = isOwn || chat.role === Role.OWNER || chat.role === Role.MODERATOR;
  return (
    <div className="self-center opacity-0 transition-opacity duration-150 group-hover/message:opacity-100 focus-within:opacity-100 has-aria-expanded:opacity-100 pointer-coarse:opacity-60">
      <Menu
        label={t("chat.messageMenu.label")}
        buttonClass="grid size-11 place-items-center rounded-full text-faint hover:bg-sunken hover:text-ink"
        button={<SmilePlus className="size-4.5" aria-hidden />}
      >
        <div className="mb-1 grid grid-cols-3 justify-items-center border-b border-line pb-1">
          {reactionEmojis.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-pressed={hasReacted(message, emoji, userId)}
              onClick={() => actions.react(message, emoji)}
              className="grid size-11 place-items-center rounded-md text-xl hover:bg-sunken aria-pressed:bg-accent-wash"
            >
              {emoji}
            </button>
          ))}
        </div>
        <MenuAction
          icon={Reply}
          text={t("chat.messageMenu.reply")}
          onPress={() => actions.reply(message)}
        />
        <MenuAction
          icon={Copy}
          text={t("chat.messageMenu.copy")}
          onPress={() => void copyText(message.text)}
        />
        {isOwn && (
          <MenuAction
            icon={Pencil}
            text={t("chat.messageMenu.edit")}
            onPress={() => actions.edit(message)}
          />
        )}
        {mayRemove && (
          <MenuAction
            icon={Trash2}
            text={t("chat.messageMenu.delete")}
            onPress={() => actions.remove(message)}
          />
        )}
      </Menu>
    </div>
  );
}

async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("chat.messageMenu.copied"));
  } catch {
    toast(t("chat.messageMenu.copyFailed"));
  }
}
