import { t } from "../../lib/messages.ts";
import { Button, LinkButton } from "../../ui/button.tsx";
import type { Revision } from "../../ui/forms/conflicts.ts";
import { DraftNotice } from "../../ui/forms/draft-notice.tsx";
import { EditConflict } from "../../ui/forms/edit-conflict.tsx";
import { TextField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { LeaveGuard } from "../../ui/forms/leave-guard.tsx";
import { MarkdownEditor } from "../../ui/markdown/markdown-editor.tsx";
import { type PostDraft, type PostText, usePostDraft } from "../use-post-draft.ts";

type PostFormProps = {
  /** Where the text is written, for its draft: `new`, or the id of the post. */
  place: string;
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
      <DraftNotice shown={isRestored} onDiscard={discard} />
      <EditConflict form={form} conflicts={conflicts} />
      <TextField
        form={form}
        name="title"
        label={t("posts.form.title")}
        limit={125}
        autoComplete="off"
      />
      <MarkdownEditor form={form} name="body" />
      <div className="flex flex-wrap items-center justify-end gap-3">
        <LinkButton to={cancelTo} variant="plain">
          {t("ui.common.cancel")}
        </LinkButton>
        <Button type="submit" variant="primary" busy={isSubmitting}>
          {submitLabel}
        </Button>
      </div>
      <LeaveGuard active={isChanged && !isSubmitting} title={t("posts.form.leaveTitle")}>
        {t("posts.form.leaveHint")}
      </LeaveGuard>
    </Form>
  );
}
