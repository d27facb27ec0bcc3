import { useEffect, useRef, useState } from "react";
import { useForm } from "react-hook-form";
import { type Draft, dropDraft, keepDraft, readDraft } from "../drafts.ts";
import { Alert } from "./alert.tsx";
import { Button, LinkButton } from "./button.tsx";
import { EditorPanes } from "./editor-panes.tsx";
import { TextField } from "./field.tsx";
import { Form } from "./form.tsx";
import { LeaveGuard } from "./leave-guard.tsx";

type PostFormProps = {
  /** Where the draft is kept on this device. */
  slot: string;
  initial: { title: string; body: string };
  action: string;
  cancelTo: string;
  onSubmit: (draft: Draft) => Promise<void>;
};

/** The editor of a new or an existing post. Unsaved text is kept on this device at each change. */
export function PostForm({ slot, initial, action, cancelTo, onSubmit }: PostFormProps) {
  const [kept] = useState(() => readDraft(slot));
  const draft = useRef(kept);
  const [isRestored, setRestored] = useState(kept.title !== "" || kept.body !== "");
  const form = useForm({
    defaultValues: isRestored ? { title: kept.title, body: kept.body } : initial,
  });
  const { title, body } = form.watch();
  const isChanged = title !== initial.title || body !== initial.body;

  useEffect(() => {
    if (!isChanged) return dropDraft(slot);
    draft.current = { ...draft.current, title, body };
    keepDraft(slot, draft.current);
  }, [slot, title, body, isChanged]);

  const publish = async (values: typeof initial) => {
    await onSubmit({ ...draft.current, ...values });
    dropDraft(slot);
  };
  const discard = () => {
    form.reset(initial);
    setRestored(false);
  };

  return (
    <Form form={form} onSubmit={publish} className="space-y-6">
      {isRestored && (
        <Alert tone="note">
          Your unsaved draft is back.{" "}
          <button type="button" className="font-semibold underline" onClick={discard}>
            Discard it
          </button>
        </Alert>
      )}
      <TextField form={form} name="title" label="Title" autoComplete="off" />
      <EditorPanes form={form} name="body" />
      <div className="flex flex-wrap items-center justify-end gap-3">
        <LinkButton to={cancelTo} look="plain">
          Cancel
        </LinkButton>
        <Button type="submit" look="primary" busy={form.formState.isSubmitting}>
          {action}
        </Button>
      </div>
      <LeaveGuard active={isChanged && !form.formState.isSubmitting} />
    </Form>
  );
}
