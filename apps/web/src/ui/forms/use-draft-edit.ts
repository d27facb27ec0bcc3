import { useEffect, useState } from "react";
import { type DefaultValues, type FieldValues, useForm } from "react-hook-form";
import type { DraftValues } from "../../lib/draft-store.ts";
import { t } from "../../lib/messages.ts";
import { toast } from "../toasts.ts";
import type { Revision } from "./conflicts.ts";
import { hasValues, useDraft, useRestoredValues } from "./use-draft-form.ts";
import { type EditOptions, useEdit } from "./use-edit.ts";

type DraftEditOptions<T extends FieldValues> = Omit<EditOptions<T>, "form"> & {
  /** Where the text is written, for its draft. */
  place: string;
  /** What is stored beside the values. */
  extra?: DraftValues;
};

/**
 * The edit of a resource that others may change meanwhile, stored in this browser at each change. The draft keeps the
 * revision that the edit began from, so that a draft restored later overwrites nothing either.
 */
export function useDraftEdit<T extends FieldValues>(options: DraftEditOptions<T>) {
  const { place, initial, extra } = options;
  const draft = useDraft(place);
  const [stored] = useState(() => draft.read());
  const [start] = useState(() => baseOf(stored, initial));
  const form = useForm<T>({ defaultValues: start.values as DefaultValues<T> });
  useRestoredValues(form, start.values, stored);
  const edit = useEdit({
    ...options,
    form,
    initial: start,
    async save(values, changed, etag) {
      const saved = await options.save(values, changed, etag);
      if (saved) draft.clear();
      return saved;
    },
  });
  const { base, conflicts, submit } = edit;
  const values = form.watch();
  const isChanged = !hasValues(values, base.values);
  const [isRestored, setRestored] = useState(stored !== undefined);
  const text = JSON.stringify({ ...values, ...extra, base });
  useEffect(() => {
    if (isChanged) draft.save(JSON.parse(text) as DraftValues);
    else draft.clear();
  }, [draft, isChanged, text]);
  return {
    form,
    conflicts,
    submit,
    isChanged,
    isRestored: isRestored && isChanged,
    discard() {
      edit.restart(initial);
      setRestored(false);
      const restore = () => {
        // Also for when the form is not shown any more.
        draft.save(JSON.parse(text) as DraftValues);
        edit.restart(base);
        form.reset(values, { keepDefaultValues: true });
        setRestored(true);
      };
      const undo = { label: t("ui.common.undo"), onPress: restore };
      toast(t("ui.draftNotice.discarded"), undo);
    },
  };
}

/** The revision that a draft began from, when the fields are still those of the form. */
function baseOf<T extends FieldValues>(
  stored: DraftValues | undefined,
  initial: Revision<T>,
): Revision<T> {
  const base = stored?.["base"] as Partial<Revision<T>> | undefined;
  const { values, etag } = base ?? {};
  const isComplete =
    typeof etag === "string" &&
    Object.entries(initial.values).every(([name, value]) => typeof values?.[name] === typeof value);
  return isComplete ? (base as Revision<T>) : initial;
}
