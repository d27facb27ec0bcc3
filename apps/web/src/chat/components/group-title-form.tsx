import type { Chat } from "@plaza/contract/chat/v1/chats";
import { chats } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { useDraftForm } from "../../ui/forms/use-draft-form.ts";

type GroupTitleFormProps = { chat: Chat; onSaved: (chat: Chat) => void };

/** Changes the title of a group. */
export function GroupTitleForm({ chat, onSaved }: GroupTitleFormProps) {
  const place = `chat.${chat.id}.title`;
  const { form, isChanged, clear } = useDraftForm(place, { title: chat.title });
  const save = async ({ title }: { title: string }) => {
    const updateMask = { paths: ["title"] };
    const saved = await chats.updateChat({ chat: { id: chat.id, title }, updateMask });
    clear();
    onSaved(saved);
  };
  const { isSubmitting } = form.formState;
  return (
    <Form form={form} onSubmit={save} className="flex flex-wrap items-end gap-3">
      <div className="min-w-48 flex-1">
        <TextField
          form={form}
          name="title"
          label={t("chat.groupTitle.label")}
          limit={100}
          autoComplete="off"
        />
      </div>
      <Button type="submit" busy={isSubmitting} disabled={!isChanged}>
        {t("chat.groupTitle.save")}
      </Button>
    </Form>
  );
}
