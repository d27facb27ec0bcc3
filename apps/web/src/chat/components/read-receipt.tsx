import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { Check, CheckCheck } from "lucide-react";
import { readersOf } from "../conversation-rows.ts";

/** Whether the others have read a message: one check when the server has it, two when somebody has read it. */
export function ReadReceipt({ message, chat }: { message: Message; chat: Chat }) {
  const readers = readersOf(message, chat);
  const others = chat.memberCount - 1;
  if (readers.length === 0) return <ReceiptIcon icon={Check} look="text-faint" says="Sent" />;
  if (readers.length >= others)
    return <ReceiptIcon icon={CheckCheck} look="text-accent" says="Read" />;
  return (
    <ReceiptIcon
      icon={CheckCheck}
      look="text-faint"
      says={`Read by ${readers.length} of ${others}`}
    />
  );
}

function ReceiptIcon({
  icon: Icon,
  look,
  says,
}: {
  icon: typeof Check;
  look: string;
  says: string;
}) {
  return (
    <span title={says}>
      <Icon className={`size-4 ${look}`} aria-hidden />
      <span className="sr-only">{says}</span>
    </span>
  );
}
