import type { Chat } from "@plaza/contract/chat/v1/chats";
import { SendHorizontal, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef } from "react";
import { t } from "../../lib/messages.ts";
import { CharacterCount } from "../../ui/forms/character-count.tsx";
import { controlClass } from "../../ui/forms/control-class.ts";
import { isComposing } from "../../ui/forms/is-composing.ts";
import { Trans } from "../../ui/trans.tsx";
import { chatTitle } from "../chat-title.ts";
import { type ComposerMode, maxMessageLength, useComposer } from "../use-composer.ts";
import { MessagePreview } from "./message-preview.tsx";

type ChatComposerProps = {
  chat: Chat;
  userId: string;
  mode: ComposerMode;
  onModeChange: (mode: ComposerMode) => void;
  /** Starts to edit the member's last message. */
  onEditLast: () => void;
};

/** The field for new messages. Enter sends, Shift+Enter starts a new line. */
export function ChatComposer({ chat, userId, mode, onModeChange, onEditLast }: ChatComposerProps) {
  const composer = useComposer(chat, userId, mode, onModeChange);
  const { text, setText, submit, canSubmit, isBusy } = composer;
  const isEdit = mode.kind === "edit";
  const countId = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  // On a touch screen, the keyboard would cover the messages.
  useEffect(() => {
    if (hasKeyboard()) field.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    if (mode.kind !== "new") field.current?.focus();
  }, [mode]);
  const cancel = () => {
    composer.cancel();
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { key, shiftKey } = event;
    if (isComposing(event)) return;
    if (key === "Enter" && !shiftKey && hasKeyboard()) {
      event.preventDefault();
      submit();
    }
    if (key === "Escape" && mode.kind !== "new") cancel();
    if (key === "ArrowUp" && text === "" && mode.kind === "new") {
      event.preventDefault();
      onEditLast();
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
        field.current?.focus();
      }}
      className="border-t border-line px-3 pt-2.5 pb-[max(0.625rem,env(safe-area-inset-bottom))] md:px-5"
    >
      {mode.kind !== "new" && <ModeLine mode={mode} onCancel={cancel} />}
      <div className="flex items-end gap-2">
        <textarea
          ref={field}
          aria-label={t("chat.composer.label", { name: chatTitle(chat, userId) })}
          placeholder={t("chat.composer.placeholder")}
          rows={1}
          dir="auto"
          aria-describedby={countId}
          enterKeyHint={hasKeyboard() ? "send" : "enter"}
          value={text}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={onKeyDown}
          className={`field-sizing-content max-h-44 min-h-11 resize-none ${controlClass}`}
        />
        <button
          type="submit"
          aria-label={t(isEdit ? "chat.composer.save" : "chat.composer.send")}
          aria-busy={isBusy}
          disabled={!canSubmit}
          className="grid size-11 shrink-0 place-items-center rounded-md bg-fill text-on-fill hover:bg-fill-deep disabled:opacity-50"
        >
          <SendHorizontal className="size-5" aria-hidden />
        </button>
      </div>
      <p id={countId} role="status" className="text-xs text-faint not-empty:mt-1.5">
        <CharacterCount text={text} limit={maxMessageLength} />
      </p>
    </form>
  );
}

function ModeLine({
  mode,
  onCancel,
}: {
  mode: Exclude<ComposerMode, { kind: "new" }>;
  onCancel: () => void;
}) {
  const isEdit = mode.kind === "edit";
  return (
    <div className="rise mb-2 flex items-center gap-2 border-s-3 border-accent ps-3 text-sm">
      <p className="flex min-w-0 flex-1 gap-1.5 text-soft">
        <Trans
          id={isEdit ? "chat.composer.editing" : "chat.composer.replyingTo"}
          values={{
            label: (label) => <span className="shrink-0 font-semibold text-accent">{label}</span>,
            text: <MessagePreview className="min-w-0 truncate">{mode.message.text}</MessagePreview>,
          }}
        />
      </p>
      <button
        type="button"
        aria-label={t(isEdit ? "chat.composer.cancelEditing" : "chat.composer.cancelReply")}
        onClick={onCancel}
        className="grid size-11 shrink-0 place-items-center rounded-md text-faint hover:bg-sunken hover:text-ink"
      >
        <X className="size-4.5" aria-hidden />
      </button>
    </div>
  );
}

/** False on touch screens, where Enter starts a new line and a button sends. */
function hasKeyboard(): boolean {
  return !matchMedia("(pointer: coarse)").matches;
}
