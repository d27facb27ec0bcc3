import type { Chat } from "@plaza/contract/chat/v1/chats";
import { Users } from "lucide-react";
import { t } from "../../lib/messages.ts";
import { Avatar } from "../../people/components/avatar.tsx";
import { isDirectChat, otherMember } from "../chat-title.ts";
import { onlineQuery, usePresence } from "../presence.ts";

/** The avatar of a direct chat's other member, with a dot while they are online; a symbol for a group. */
export function ChatAvatar({ chat, userId }: { chat: Chat; userId: string }) {
  const online = usePresence(onlineQuery);
  if (!isDirectChat(chat)) {
    return (
      <span className="grid size-11 shrink-0 place-items-center rounded-full bg-stone text-soft">
        <Users className="size-5" aria-hidden />
      </span>
    );
  }
  const other = otherMember(chat, userId);
  return (
    <span className="relative shrink-0">
      <Avatar user={other?.user} size="md" />
      {online.includes(other?.userId ?? "") && (
        <span className="absolute end-0 bottom-0 size-3 rounded-full border-2 border-card bg-online">
          <span className="sr-only">{t("chat.online")}</span>
        </span>
      )}
    </span>
  );
}
