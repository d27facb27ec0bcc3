import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useLocation, useParams } from "react-router";
import { t } from "../../lib/messages.ts";
import { useSession } from "../../session/session.ts";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Failure, PageFailure } from "../../ui/failure.tsx";
import { type ChatLog, messagesOf } from "../chat-log.ts";
import { chatQuery, chatsQuery, logQuery } from "../chat-queries.ts";
import { ChatComposer } from "../components/chat-composer.tsx";
import { ChatHeader } from "../components/chat-header.tsx";
import { ChatMessages } from "../components/chat-messages.tsx";
import { MessagesSkeleton } from "../components/chat-skeletons.tsx";
import { ChatStatusLine } from "../components/chat-status-line.tsx";
import { ClosedChatNotice } from "../components/closed-chat-notice.tsx";
import type { MessageActions } from "../message-actions.ts";
import { hasReacted } from "../reactions.ts";
import { useComposerMode } from "../use-composer.ts";
import { useMessageMutations } from "../use-message-mutations.ts";

export function ChatPage() {
  const { id = "" } = useParams();
  const userId = useSession()?.user.id ?? "";
  const { data: listed } = useQuery({
    ...chatsQuery,
    select: (all) => all.find((chat) => chat.id === id),
  });
  const { data: chat = listed, isPending, error, refetch } = useQuery(chatQuery(id));
  if (chat) return <Conversation key={id} chat={chat} userId={userId} />;
  if (isPending) return <ConversationSkeleton />;
  return (
    <div className="p-4">
      <PageFailure error={error} onRetry={() => void refetch()} />
    </div>
  );
}

function Conversation({ chat, userId }: { chat: Chat; userId: string }) {
  const { data: log, error, refetch } = useQuery(logQuery(chat.id));
  return (
    <section aria-label={t("chat.conversation.label")} className="flex h-full min-w-0 flex-col">
      <ChatHeader chat={chat} userId={userId} />
      {log ? (
        <LoadedConversation chat={chat} log={log} userId={userId} />
      ) : (
        <div className="min-h-0 flex-1 overflow-hidden px-5 pt-8">
          {error ? (
            <Failure error={error} onRetry={() => void refetch()} />
          ) : (
            <div role="status" aria-label={t("chat.conversation.loadingMessages")}>
              <MessagesSkeleton />
            </div>
          )}
        </div>
      )}
    </section>
  );
}

type LoadedConversationProps = { chat: Chat; log: ChatLog; userId: string };

function LoadedConversation({ chat, log, userId }: LoadedConversationProps) {
  const targetSeq = Number(useLocation().hash.slice(1)) || 0;
  const [mode, setMode] = useComposerMode(chat, log);
  const [toRemove, setToRemove] = useState<Message>();
  const { react, remove } = useMessageMutations(chat, userId);
  const { mutate: sendReaction } = react;
  const actions = useMemo(
    (): MessageActions => ({
      reply: (message) => setMode({ kind: "reply", message }),
      edit: (message) => setMode({ kind: "edit", message }),
      remove: setToRemove,
      react: (message, emoji) =>
        sendReaction({ message, emoji, remove: hasReacted(message, emoji, userId) }),
    }),
    [sendReaction, setMode, userId],
  );
  const editLast = () => {
    const own = messagesOf(log).findLast((one) => one.senderId === userId && !one.deleteTime);
    if (own) setMode({ kind: "edit", message: own });
  };
  const isOpen = canWriteIn(chat, userId);
  return (
    <>
      <ChatMessages
        chat={chat}
        log={log}
        userId={userId}
        actions={isOpen ? actions : undefined}
        targetSeq={targetSeq}
      />
      <ChatStatusLine chat={chat} userId={userId} />
      {isOpen ? (
        <ChatComposer
          chat={chat}
          userId={userId}
          mode={mode}
          onModeChange={setMode}
          onEditLast={editLast}
        />
      ) : (
        <ClosedChatNotice chat={chat} userId={userId} />
      )}
      {toRemove && (
        <ConfirmDialog
          title={t("chat.deleteMessage.title")}
          confirmLabel={t("chat.deleteMessage.confirm")}
          mutation={{
            ...remove,
            mutate: () => remove.mutate(toRemove.seq, { onSuccess: () => setToRemove(undefined) }),
          }}
          onClose={() => setToRemove(undefined)}
        >
          {t("chat.deleteMessage.explanation")}
        </ConfirmDialog>
      )}
    </>
  );
}

/**
 * Whether the user can write to the chat. The list leaves out the members of groups: until they are loaded, it is
 * yes.
 */
function canWriteIn({ members, blocked }: Chat, userId: string): boolean {
  const isMember = members.length === 0 || members.some((member) => member.userId === userId);
  return isMember && !blocked;
}

function ConversationSkeleton() {
  return (
    <div
      className="h-full overflow-hidden px-5 pt-5"
      role="status"
      aria-label={t("chat.conversation.loading")}
    >
      <div className="mb-10 flex items-center gap-3">
        <div className="skeleton size-11 rounded-full" />
        <div className="skeleton h-6 w-40" />
      </div>
      <MessagesSkeleton />
    </div>
  );
}
