import type { Chat } from "@plaza/contract/chat/v1/chats";
import { useEffect, useState, useSyncExternalStore } from "react";
import { typingQuery, usePresence } from "../presence.ts";
import { isStreamConnected, onStreamStatusChange } from "../stream-status.ts";
import { PersonName } from "./person-name.tsx";

/** A shorter interruption is not shown. */
const disconnectGraceMs = 3_000;

/** Who is typing, or that the connection is lost. Always takes its line, so that nothing moves. */
export function ChatStatusLine({ chat, userId }: { chat: Chat; userId: string }) {
  const isDisconnected = useIsDisconnected();
  const ids = usePresence(typingQuery(chat.id));
  return (
    <p role="status" className="h-6 shrink-0 truncate px-4 text-xs leading-6 text-faint md:px-5">
      {isDisconnected && "No connection. What you write is sent as soon as there is one."}
      {!isDisconnected && ids.length > 2 && "Several people are writing…"}
      {!isDisconnected && ids.length > 0 && ids.length <= 2 && (
        <>
          {ids.map((id, index) => (
            <span key={id}>
              {index > 0 && " and "}
              <PersonName chat={chat} id={id} userId={userId} />
            </span>
          ))}
          {ids.length === 1 ? " is writing…" : " are writing…"}
        </>
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
