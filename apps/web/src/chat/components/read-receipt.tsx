import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { Check, CheckCheck } from "lucide-react";
import { readersOf } from "../conversation-rows.ts";

/** One check when the server has a message, two when at least one other member has read it. */
export function ReadReceipt({ message, chat }: { message: Message; chat: Chat }) {
  const readers = readersOf(message, chat);
  const others = chat.memberCount - 1;
  if (readers.length === 0) return <ReceiptIcon icon={Check} className="text-faint" label="Sent" />;
  if (readers.length >= others)
    return <ReceiptIcon icon={CheckCheck} className="text-accent" label="Read" />;
  return (
    <ReceiptIcon
      icon={CheckCheck}
      className="text-faint"
      label={`Read by ${readers.length} of ${others}`}
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
