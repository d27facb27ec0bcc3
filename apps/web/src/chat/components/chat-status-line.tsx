import type { Chat } from "@plaza/contract/chat/v1/chats";
import { useEffect, useState, useSyncExternalStore } from "react";
import { t } from "../../lib/messages.ts";
import { Trans } from "../../ui/trans.tsx";
import { typingQuery, usePresence } from "../presence.ts";
import { isStreamConnected, onStreamStatusChange } from "../stream-status.ts";
import { PersonNames } from "./person-names.tsx";

/** A shorter interruption is not shown. */
const disconnectGraceMs = 3_000;

/** Who is typing, or that the connection is lost. Always takes its line, so that nothing moves. */
export function ChatStatusLine({ chat, userId }: { chat: Chat; userId: string }) {
  const isDisconnected = useIsDisconnected();
  const ids = usePresence(typingQuery(chat.id));
  return (
    <p role="status" className="h-6 shrink-0 truncate px-4 text-xs leading-6 text-faint md:px-5">
      {isDisconnected && t("chat.statusLine.disconnected")}
      {!isDisconnected && ids.length > 2 && t("chat.statusLine.severalTyping")}
      {!isDisconnected && ids.length > 0 && ids.length <= 2 && (
        <Trans
          id="chat.statusLine.typing"
          values={{
            count: ids.length,
            names: <PersonNames chat={chat} ids={ids} userId={userId} />,
          }}
        />
      )}
    </p>
  );
}

function useIsDisconnected(): boolean {
  const isConnected = useSyncExternalStore(onStreamStatusChange, isStreamConnected);
  const [isDisconnected, setDisconnected] = useState(false);
  useEffect(() => {
    if (isConnected) return setDisconnected(false);
    const timer = setTimeout(() => setDisconnected(true), disconnectGraceMs);
    return () => clearTimeout(timer);
  }, [isConnected]);
  return isDisconnected;
}
