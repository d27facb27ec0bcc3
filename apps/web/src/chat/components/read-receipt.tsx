import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { Check, CheckCheck } from "lucide-react";
import { t } from "../../lib/messages.ts";
import { readersOf } from "../conversation-rows.ts";

/** One check when the server has a message, two when at least one other member has read it. */
export function ReadReceipt({ message, chat }: { message: Message; chat: Chat }) {
  const readers = readersOf(message, chat);
  const others = chat.memberCount - 1;
  if (readers.length === 0)
    return <ReceiptIcon icon={Check} className="text-faint" label={t("chat.readReceipt.sent")} />;
  if (readers.length >= others)
    return (
      <ReceiptIcon icon={CheckCheck} className="text-accent" label={t("chat.readReceipt.read")} />
    );
  return (
    <ReceiptIcon
      icon={CheckCheck}
      className="text-faint"
      label={t("chat.readReceipt.readBy", { readers: readers.length, others })}
    />
  );
}

function ReceiptIcon({
  icon: Icon,
  className,
  label,
}: {
  icon: typeof Check;
  className: string;
  label: string;
}) {
  return (
    <span title={label}>
      <Icon className={`size-4 ${className}`} aria-hidden />
      <span className="sr-only">{label}</span>
    </span>
  );
}
