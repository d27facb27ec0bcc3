import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { describe } from "../lib/errors.ts";
import { chats } from "../lib/member-clients.ts";
import { toast } from "../ui/toasts.ts";
import { talkKey } from "./chat-queries.ts";
import { useMessageChanges } from "./conversation-hooks.ts";
import { write } from "./pending-messages.ts";

/** What the next words are: a message, an answer to one, or other words for one. */
export type Mode =
  | { readonly kind: "new" }
  | { readonly kind: "reply"; readonly to: Message }
  | { readonly kind: "edit"; readonly of: Message };

/** Typing is told so often; it holds for six seconds. */
const tellEveryMs = 3_000;

/** The words that one is about to say in a chat. They are kept while one looks at others. */
export function useComposing(chat: Chat, userId: string, mode: Mode, onMode: (mode: Mode) => void) {
  const client = useQueryClient();
  const { edit } = useMessageChanges(chat, userId);
  const draftKey = [...talkKey, "draft", chat.id];
  const [draft, setDraft] = useState(() => client.getQueryData<string>(draftKey) ?? "");
  const [edited, setEdited] = useState("");
  const tell = useTyping(chat.id);
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
    if (text === before) return onMode({ kind: "new" });
    edit.mutate(
      { seq, text },
      {
        onSuccess: () => onMode({ kind: "new" }),
        onError: (error) => toast(describe(error)),
      },
    );
  };
  const submit = () => {
    const text = (isEdit ? edited : draft).trim();
    if (text === "" || edit.isPending) return;
    if (mode.kind === "edit") return save(mode.of.seq, text, mode.of.text);
    write(userId, chat, { text, replyToSeq: mode.kind === "reply" ? mode.to.seq : 0 });
    keepDraft("");
    onMode({ kind: "new" });
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
function useTyping(chatId: string): () => void {
  const toldAt = useRef(0);
  return () => {
    if (Date.now() - toldAt.current < tellEveryMs) return;
    toldAt.current = Date.now();
    chats.sendTyping({ chatId }).catch(() => undefined);
  };
}
