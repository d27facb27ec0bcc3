import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { countCharacters } from "@plaza/kit/text/graphemes";
import { useEffect, useRef, useState } from "react";
import { chats } from "../lib/clients.ts";
import { errorMessage } from "../lib/error-message.ts";
import { t } from "../lib/messages.ts";
import { useDraft } from "../ui/forms/use-draft-form.ts";
import { toast } from "../ui/toasts.ts";
import { type ChatLog, findMessage } from "./chat-log.ts";
import { queueMessage } from "./pending-messages.ts";
import { useMessageMutations } from "./use-message-mutations.ts";

/** What the composer writes: a new message, a reply to one, or a changed text of one. */
export type ComposerMode =
  | { readonly kind: "new" }
  | { readonly kind: "reply"; readonly message: Message }
  | { readonly kind: "edit"; readonly message: Message };

type UnsavedEdit = { readonly message: Message; readonly text: string };

export const maxMessageLength = 4_000;

/** How often a typing signal is sent; the others show it for 6 s. */
const typingIntervalMs = 3_000;

/** The mode in which the member was writing before a reload. */
export function useComposerMode({ id }: Chat, log: ChatLog) {
  const message = useDraft(messagePlace(id));
  const edit = useDraft(editPlace(id));
  return useState((): ComposerMode => {
    const edited = findMessage(log, Number(edit.read()?.["seq"] ?? 0));
    if (edited && !edited.deleteTime) return { kind: "edit", message: edited };
    const replied = findMessage(log, Number(message.read()?.["replyToSeq"] ?? 0));
    return replied ? { kind: "reply", message: replied } : { kind: "new" };
  });
}

/** The text of the composer. It is kept as a draft of the chat; a changed message has a draft of its own. */
export function useComposer(
  chat: Chat,
  userId: string,
  mode: ComposerMode,
  onModeChange: (mode: ComposerMode) => void,
) {
  const { edit } = useMessageMutations(chat, userId);
  const message = useTextDraft(messagePlace(chat.id));
  const changed = useTextDraft(editPlace(chat.id));
  const sendTyping = useTypingSignal(chat.id);
  const isEdit = mode.kind === "edit";
  const text = isEdit ? changed.text : message.text;
  const unsaved = useRef<UnsavedEdit>(undefined);
  const offerUndo = () => {
    const lost = unsaved.current;
    if (!lost) return;
    const restore = () => {
      changed.start({ seq: lost.message.seq }, lost.text);
      onModeChange({ kind: "edit", message: lost.message });
    };
    toast(t("chat.composer.editDiscarded"), { label: t("ui.common.undo"), onPress: restore });
  };
  useEffect(() => {
    if (mode.kind === "edit") {
      if (unsaved.current?.message.seq !== mode.message.seq) offerUndo();
      changed.start({ seq: mode.message.seq }, mode.message.text);
    } else message.start({ replyToSeq: mode.kind === "reply" ? mode.message.seq : 0 });
  }, [mode]);
  useEffect(() => {
    const isUnsaved = mode.kind === "edit" && text !== mode.message.text && text.trim() !== "";
    unsaved.current = isUnsaved ? { message: mode.message, text } : undefined;
  });

  const stopEditing = () => {
    changed.clear();
    onModeChange({ kind: "new" });
  };
  const save = (seq: number, before: string) => {
    if (text === before) return stopEditing();
    edit.mutate(
      { seq, text },
      { onSuccess: stopEditing, onError: (error) => toast(errorMessage(error)) },
    );
  };
  const canSubmit =
    text.trim() !== "" && countCharacters(text) <= maxMessageLength && !edit.isPending;
  return {
    text,
    canSubmit,
    isBusy: edit.isPending,
    setText(newText: string) {
      if (isEdit) return changed.setText(newText);
      message.setText(newText);
      if (newText.trim() !== "") sendTyping();
    },
    submit() {
      if (!canSubmit) return;
      if (mode.kind === "edit") return save(mode.message.seq, mode.message.text);
      queueMessage(userId, chat, {
        text,
        replyToSeq: mode.kind === "reply" ? mode.message.seq : 0,
      });
      message.clear();
      onModeChange({ kind: "new" });
    },
    cancel() {
      if (!isEdit) return onModeChange({ kind: "new" });
      offerUndo();
      stopEditing();
    },
  };
}

function messagePlace(chatId: string): string {
  return `chat.${chatId}.message`;
}

function editPlace(chatId: string): string {
  return `chat.${chatId}.edit`;
}

/** A text that is stored with what it belongs to: the message that it answers or changes. */
function useTextDraft(place: string) {
  const draft = useDraft(place);
  const [text, setText] = useState(() => String(draft.read()?.["text"] ?? ""));
  const subject = useRef<Readonly<Record<string, number>>>({});
  const keep = (newText: string) => {
    setText(newText);
    if (newText === "") draft.clear();
    else draft.save({ ...subject.current, text: newText });
  };
  return {
    text,
    setText: keep,
    /** Goes on with the draft for this subject; for another one, begins with `initialText` if given. */
    start(newSubject: Readonly<Record<string, number>>, initialText?: string) {
      const stored = draft.read();
      subject.current = newSubject;
      const isSame = Object.entries(newSubject).every(([name, value]) => stored?.[name] === value);
      if (initialText === undefined) keep(text);
      else keep(isSame ? String(stored?.["text"] ?? initialText) : initialText);
    },
    clear: () => keep(""),
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
