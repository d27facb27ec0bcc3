import type { Chat } from "@plaza/contract/chat/v1/chats";
import { useEffect, useState, useSyncExternalStore } from "react";
import { typingQuery, usePresence } from "../presence.ts";
import { isStreamConnected, onStreamStatusChange } from "../stream-status.ts";
import { PersonName } from "./person-name.tsx";

/** A broken connection is worth a word once it is no mere hiccup. */
const disconnectGraceMs = 3_000;

/** What is so at the moment: who is writing, or that nothing comes through. Takes its line in any case. */
export function ChatStatusLine({ chat, userId }: { chat: Chat; userId: string }) {
  const isAway = useIsDisconnected();
  const ids = usePresence(typingQuery(chat.id));
  return (
    <p role="status" className="h-6 shrink-0 truncate px-4 text-xs leading-6 text-faint md:px-5">
      {isAway && "No connection. What you write is sent as soon as there is one."}
      {!isAway && ids.length > 2 && "Several people are writing…"}
      {!isAway && ids.length > 0 && ids.length <= 2 && (
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
  const isUp = useSyncExternalStore(onStreamStatusChange, isStreamConnected);
  const [isAway, setAway] = useState(false);
  useEffect(() => {
    if (isUp) return setAway(false);
    const timer = setTimeout(() => setAway(true), disconnectGraceMs);
    return () => clearTimeout(timer);
  }, [isUp]);
  return isAway;
}
