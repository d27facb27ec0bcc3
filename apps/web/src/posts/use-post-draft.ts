import { useEffect, useRef, useState } from "react";
import { useForm } from "react-hook-form";
import { reasonOf } from "../lib/errors.ts";
import { newIdempotencyKey } from "../lib/idempotency-key.ts";
import { deleteDraft, newDraft, type PostDraft, readDraft, saveDraft } from "./draft-storage.ts";

type PostText = { title: string; body: string };

/** A form for a post that stores its text in this browser at each change and restores it. */
export function usePostDraft(storageKey: string, initial: PostText) {
  const [stored] = useState(() => readDraft(storageKey));
  const draft = useRef(stored);
  const [isRestored, setRestored] = useState(stored.title !== "" || stored.body !== "");
  const form = useForm<PostText>({
    defaultValues: isRestored ? { title: stored.title, body: stored.body } : initial,
  });
  const { title, body } = form.watch();
  const isChanged = title !== initial.title || body !== initial.body;

  useEffect(() => {
    if (!isChanged) return deleteDraft(storageKey);
    draft.current = { ...draft.current, title, body };
    saveDraft(storageKey, draft.current);
  }, [storageKey, title, body, isChanged]);

  const discard = () => {
    draft.current = newDraft();
    form.reset(initial);
    setRestored(false);
  };
  const publish = async (text: PostText, send: (draft: PostDraft) => Promise<void>) => {
    try {
      await send({ ...draft.current, ...text });
    } catch (error) {
      // A post with this key exists. The author who reads that message and publishes again wants another post.
      if (reasonOf(error) === "KEY_REUSED") draft.current.idempotencyKey = newIdempotencyKey();
      throw error;
    }
    deleteDraft(storageKey);
  };
  return { form, isRestored, isChanged, discard, publish };
}
