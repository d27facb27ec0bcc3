import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { type DefaultValues, type FieldValues, type UseFormReturn, useForm } from "react-hook-form";
import { getActiveAccount } from "../../lib/account-guard.ts";
import type { Draft, DraftValues } from "../../lib/draft-store.ts";
import { drafts } from "../../lib/drafts.ts";

/** The draft of the active account in a place, for as long as the component is shown. */
export function useDraft(place: string): Draft {
  return useState(() => drafts.open(getActiveAccount() ?? "", place))[0];
}

/**
 * A form that stores its changed values in this browser and restores them. Call `clear` when they are saved on the
 * server.
 */
export function useDraftForm<T extends FieldValues>(place: string, initialValues: T) {
  const draft = useDraft(place);
  const [initial] = useState(initialValues);
  const [stored] = useState(() => draft.read());
  const form = useForm<T>({ defaultValues: initial as DefaultValues<T> });
  const isChanged = !hasValues(form.watch(), initial);
  const isCleared = useRef(false);
  useRestoredValues(form, initial, stored);
  useEffect(() => {
    const subscription = form.watch((values) => {
      if (isCleared.current) return;
      if (hasValues(values, initial)) draft.clear();
      else draft.save(values);
    });
    return () => subscription.unsubscribe();
  }, [form, draft, initial]);
  const clear = () => {
    isCleared.current = true;
    draft.clear();
  };
  return { form, isChanged, clear };
}

/** Puts what is stored of a form's fields into it, once. */
export function useRestoredValues<T extends FieldValues>(
  form: UseFormReturn<T>,
  initial: T,
  stored: DraftValues | undefined,
): void {
  useLayoutEffect(() => {
    if (!stored) return;
    const known = Object.entries(stored).filter(
      ([name, value]) => typeof value === typeof initial[name],
    );
    // Compared with the initial values, so that only what differs counts as changed.
    form.reset({ ...initial, ...Object.fromEntries(known) }, { keepDefaultValues: true });
  }, [form, initial, stored]);
}

/** Whether a form has these values. */
export function hasValues(form: FieldValues, values: FieldValues): boolean {
  return Object.keys(values).every((name) => form[name] === values[name]);
}
