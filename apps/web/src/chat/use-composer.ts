import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { errorMessage } from "../lib/error-messages.ts";
import { chats } from "../lib/member-clients.ts";
import { liveQueryKey } from "../lib/query-keys.ts";
import { toast } from "../ui/toasts.ts";
import { queueMessage } from "./pending-messages.ts";
import { useMessageMutations } from "./use-message-mutations.ts";

/** What the composer writes: a new message, a reply to one, or a changed text of one. */
export type ComposerMode =
  | { readonly kind: "new" }
  | { readonly kind: "reply"; readonly message: Message }
  | { readonly kind: "edit"; readonly message: Message };

/** How often a typing signal is sent; the others show it for 6 s. */
const typingIntervalMs = 3_000;

/** The text of the composer. The draft of each chat is kept until the stream stops. */
export function useComposer(
  chat: Chat,
  userId: string,
  mode: ComposerMode,
  onModeChange: (mode: ComposerMode) => void,
) {
  const client = useQueryClient();
  const { edit } = useMessageMutations(chat, userId);
  const draftKey = [...liveQueryKey, "draft", chat.id];
  const [draft, setDraft] = useState(() => client.getQueryData<string>(draftKey) ?? "");
  const [edited, setEdited] = useState("");
  const sendTyping = useTypingSignal(chat.id);
  const isEdit = mode.kind === "edit";
  useEffect(() => {
    if (mode.kind === "edit") setEdited(mode.message.text);
  }, [mode]);

  const keepDraft = (text: string) => {
    setDraft(text);
    client.setQueryDefaults(draftKey, { gcTime: Number.POSITIVE_INFINITY });
    client.setQueryData(draftKey, text);
  };
  const save = (seq: number, text: string, before: string) => {
    if (text === before) return onModeChange({ kind: "new" });
    edit.mutate(
      { seq, text },
      {
        onSuccess: () => onModeChange({ kind: "new" }),
        onError: (error) => toast(errorMessage(error)),
      },
    );
  };
  const submit = () => {
    const text = (isEdit ? edited : draft).trim();
    if (text === "" || edit.isPending) return;
    if (mode.kind === "edit") return save(mode.message.seq, text, mode.message.text);
    queueMessage(userId, chat, { text, replyToSeq: mode.kind === "reply" ? mode.message.seq : 0 });
    keepDraft("");
    onModeChange({ kind: "new" });
  };
  return {
    text: isEdit ? edited : draft,
    setText(text: string) {
      if (isEdit) return setEdited(text);
      keepDraft(text);
      if (text.trim() !== "") sendTyping();
    },
    submit,
    isBusy: edit.isPending,
  };
}

/** Sends a typing signal to the others at most every 3 s. A failed one is not repeated. */
function useTypingSignal(chatId: string): () => void {
  const sentAt = useRef(0);
  return () => {
    if (Date.now() - sentAt.current < typingIntervalMs) return;
    sentAt.current = Date.now();
    chats.sendTyping({ chatId }).catch(() => undefined);
  };
}
