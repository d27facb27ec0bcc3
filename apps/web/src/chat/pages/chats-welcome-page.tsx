import { MessagesSquare } from "lucide-react";
import { t } from "../../lib/messages.ts";

/** Stands where the conversation will be, until a chat is chosen. */
export function ChatsWelcomePage() {
  return (
    <div className="grid h-full place-content-center justify-items-center gap-3 p-6 text-center">
      <MessagesSquare className="size-8 text-faint" aria-hidden />
      <p className="text-lg font-semibold">{t("chat.chatsWelcome.title")}</p>
      <p className="max-w-sm text-soft">{t("chat.chatsWelcome.hint")}</p>
    </div>
  );
}
