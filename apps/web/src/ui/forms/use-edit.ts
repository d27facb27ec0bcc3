import { useState } from "react";
import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { reasonOf } from "../../lib/errors.ts";
import { type Conflict, changedFields, findConflicts, type Revision } from "./conflicts.ts";

export type EditOptions<T extends FieldValues> = {
  form: UseFormReturn<T>;
  /** What the edit began from. Later values are ignored: a newer etag would hide that somebody else has saved. */
  initial: Revision<T>;
  /** Labels of the fields that can be edited. */
  labels: Partial<Record<keyof T & string, string>>;
  /** Reads the newest revision. */
  load: () => Promise<Revision<T>>;
  /** Saves the changed fields if the resource still has the etag; undefined when the form is not valid. */
  save: (
    values: T,
    changed: readonly (keyof T & string)[],
    etag: string,
  ) => Promise<Revision<T> | undefined>;
};

/**
 * The edit of a resource that others may change meanwhile. When somebody else has saved, nothing of theirs is
 * overwritten: the form takes their values where the user changed nothing, and `conflicts` has both texts of the rest.
 */
export function useEdit<T extends FieldValues>(options: EditOptions<T>) {
  const { form, labels, load, save } = options;
  const [base, setBase] = useState(options.initial);
  const [conflicts, setConflicts] = useState<readonly Conflict<T>[]>();

  const submit = async (values: T) => {
    try {
      const saved = await save(values, changedFields(base.values, values, labels), base.etag);
      if (!saved) return;
      setBase(saved);
      setConflicts(undefined);
    } catch (error) {
      if (reasonOf(error) !== "ETAG_MISMATCH") throw error;
      const theirs = await load();
      setConflicts(findConflicts(base.values, values, theirs.values, labels));
      form.reset(theirs.values);
      for (const field of changedFields(base.values, values, labels)) {
        const name = field as string as Path<T>;
        form.setValue(name, values[field] as never, { shouldDirty: true });
      }
      setBase(theirs);
    }
  };
  /** Begins again from a revision. */
  const restart = (revision: Revision<T>) => {
    form.reset(revision.values);
    setBase(revision);
    setConflicts(undefined);
  };
  return { base, conflicts, submit, restart };
}
