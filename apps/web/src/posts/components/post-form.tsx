import { Alert } from "../../ui/alert.tsx";
import { Button, LinkButton } from "../../ui/button.tsx";
import type { Revision } from "../../ui/forms/conflicts.ts";
import { EditConflict } from "../../ui/forms/edit-conflict.tsx";
import { TextField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { LeaveGuard } from "../../ui/forms/leave-guard.tsx";
import { MarkdownEditor } from "../../ui/markdown/markdown-editor.tsx";
import type { PostDraft, PostText } from "../draft-storage.ts";
import { usePostDraft } from "../use-post-draft.ts";

type PostFormProps = {
  /** The key of the draft in the browser's storage. */
  storageKey: string;
  initial: Revision<PostText>;
  submitLabel: string;
  cancelTo: string;
  load: () => Promise<Revision<PostText>>;
  onSubmit: (draft: PostDraft, etag: string) => Promise<void>;
};

/** The editor of a new or an existing post. */
export function PostForm({ submitLabel, cancelTo, onSubmit, ...options }: PostFormProps) {
  const { form, conflicts, isRestored, isChanged, discard, submit } = usePostDraft({
    ...options,
    send: onSubmit,
  });
  const { isSubmitting } = form.formState;
  return (
    <Form form={form} onSubmit={submit} className="space-y-6">
      {isRestored && (
        <Alert tone="note">
          Your unsaved draft is back.{" "}
          <button type="button" className="font-semibold underline" onClick={discard}>
            Discard it
          </button>
        </Alert>
      )}
      <EditConflict form={form} conflicts={conflicts} />
      <TextField form={form} name="title" label="Title" autoComplete="off" />
      <MarkdownEditor form={form} name="body" />
      <div className="flex flex-wrap items-center justify-end gap-3">
        <LinkButton to={cancelTo} variant="plain">
          Cancel
        </LinkButton>
        <Button type="submit" variant="primary" busy={isSubmitting}>
          {submitLabel}
        </Button>
      </div>
      <LeaveGuard active={isChanged && !isSubmitting} title="Leave without publishing?">
        Your text is not published. It stays on this device as a draft until you come back.
      </LeaveGuard>
    </Form>
  );
}
