import { useEffect, useRef, useState } from "react";
import { useForm } from "react-hook-form";
import { reasonOf } from "../lib/errors.ts";
import { newIdempotencyKey } from "../lib/idempotency-key.ts";
import { changedFields, type Revision } from "../ui/forms/conflicts.ts";
import { useEdit } from "../ui/forms/use-edit.ts";
import {
  deleteDraft,
  newDraft,
  type PostDraft,
  type PostText,
  readDraft,
  saveDraft,
} from "./draft-storage.ts";

const labels = { title: "Title", body: "Text" };

type PostDraftOptions = {
  /** The key of the draft in the browser's storage. */
  storageKey: string;
  /** The post as it was read; empty for a new one. */
  initial: Revision<PostText>;
  /** Reads the post again. */
  load: () => Promise<Revision<PostText>>;
  /** Publishes or saves the post, the latter if it still has the etag. */
  send: (draft: PostDraft, etag: string) => Promise<void>;
};

/** A form for a post that stores its text in this browser at each change and restores it. */
export function usePostDraft({ storageKey, initial, load, send }: PostDraftOptions) {
  const [stored] = useState(() => readDraft(storageKey));
  const draft = useRef(stored);
  const [isRestored, setRestored] = useState(stored.title !== "" || stored.body !== "");
  const form = useForm<PostText>({
    defaultValues: isRestored ? { title: stored.title, body: stored.body } : initial.values,
  });
  const edit = useEdit({
    form,
    initial: (isRestored && stored.base) || initial,
    labels,
    load,
    async save(values, _, etag) {
      try {
        await send({ ...draft.current, ...values }, etag);
      } catch (error) {
        // A post with this key exists. The author who reads that message and publishes again wants another post.
        if (reasonOf(error) === "KEY_REUSED") draft.current.idempotencyKey = newIdempotencyKey();
        throw error;
      }
      deleteDraft(storageKey);
      return { values, etag };
    },
  });
  const { base, conflicts, submit } = edit;
  const { title, body } = form.watch();
  const isChanged = changedFields(base.values, { title, body }, labels).length > 0;

  useEffect(() => {
    if (!isChanged) return deleteDraft(storageKey);
    draft.current = { ...draft.current, title, body, base };
    saveDraft(storageKey, draft.current);
  }, [storageKey, title, body, base, isChanged]);

  const discard = () => {
    draft.current = newDraft();
    edit.restart(initial);
    setRestored(false);
  };
  return { form, conflicts, isRestored, isChanged, discard, submit };
}
