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

/** What the next words are: a message, an answer to one, or other words for one. */
export type ComposerMode =
  | { readonly kind: "new" }
  | { readonly kind: "reply"; readonly to: Message }
  | { readonly kind: "edit"; readonly of: Message };

/** Typing is told so often; it holds for six seconds. */
const typingIntervalMs = 3_000;

/** The words that one is about to say in a chat. They are kept while one looks at others. */
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
  const tell = useTypingSignal(chat.id);
  const isEdit = mode.kind === "edit";
  useEffect(() => {
    if (mode.kind === "edit") setEdited(mode.of.text);
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
    if (mode.kind === "edit") return save(mode.of.seq, text, mode.of.text);
    queueMessage(userId, chat, { text, replyToSeq: mode.kind === "reply" ? mode.to.seq : 0 });
    keepDraft("");
    onModeChange({ kind: "new" });
  };
  return {
    text: isEdit ? edited : draft,
    setText(text: string) {
      if (isEdit) return setEdited(text);
      keepDraft(text);
      if (text.trim() !== "") tell();
    },
    submit,
    isBusy: edit.isPending,
  };
}

/** Tells the others that one is writing. Nothing is lost where that does not arrive. */
function useTypingSignal(chatId: string): () => void {
  const toldAt = useRef(0);
  return () => {
    if (Date.now() - toldAt.current < typingIntervalMs) return;
    toldAt.current = Date.now();
    chats.sendTyping({ chatId }).catch(() => undefined);
  };
}
