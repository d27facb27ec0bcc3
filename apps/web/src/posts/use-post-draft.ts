import { useEffect, useRef, useState } from "react";
import { useForm } from "react-hook-form";
import { reasonOf } from "../lib/errors.ts";
import {
  type Draft,
  dropDraft,
  emptyDraft,
  keepDraft,
  newKey,
  readDraft,
} from "./draft-storage.ts";

type Text = { title: string; body: string };

/** A form for a post that keeps its unsaved text on this device at each change, and finds it again. */
export function usePostDraft(slot: string, initial: Text) {
  const [kept] = useState(() => readDraft(slot));
  const draft = useRef(kept);
  const [isRestored, setRestored] = useState(kept.title !== "" || kept.body !== "");
  const form = useForm<Text>({
    defaultValues: isRestored ? { title: kept.title, body: kept.body } : initial,
  });
  const { title, body } = form.watch();
  const isChanged = title !== initial.title || body !== initial.body;

  useEffect(() => {
    if (!isChanged) return dropDraft(slot);
    draft.current = { ...draft.current, title, body };
    keepDraft(slot, draft.current);
  }, [slot, title, body, isChanged]);

  const discard = () => {
    draft.current = emptyDraft();
    form.reset(initial);
    setRestored(false);
  };
  const publish = async (text: Text, send: (draft: Draft) => Promise<void>) => {
    try {
      await send({ ...draft.current, ...text });
    } catch (error) {
      // The key has made its post. Whoever reads the refusal and publishes again means another one.
      if (reasonOf(error) === "KEY_REUSED") draft.current.idempotencyKey = newKey();
      throw error;
    }
    dropDraft(slot);
  };
  return { form, isRestored, isChanged, discard, publish };
}
