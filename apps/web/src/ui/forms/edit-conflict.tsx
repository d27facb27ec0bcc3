import { GitMerge } from "lucide-react";
import { useEffect, useRef } from "react";
import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { t } from "../../lib/messages.ts";
import { Button } from "../button.tsx";
import { Trans } from "../trans.tsx";
import type { Conflict } from "./conflicts.ts";

type EditConflictProps<T extends FieldValues> = {
  form: UseFormReturn<T>;
  conflicts: readonly Conflict<T>[] | undefined;
};

/** Says that somebody else has saved meanwhile, shows both texts of each field, and puts either into the form. */
export function EditConflict<T extends FieldValues>({ form, conflicts }: EditConflictProps<T>) {
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    if (conflicts) ref.current?.focus();
  }, [conflicts]);
  if (!conflicts) return null;
  return (
    <section
      ref={ref}
      tabIndex={-1}
      aria-label={t("ui.editConflict.label")}
      className="scroll-mt-20 space-y-5 rounded-lg bg-accent-wash p-4 sm:p-5"
    >
      <div className="flex gap-3">
        <GitMerge className="mt-1 size-5 shrink-0 text-accent-deep" aria-hidden />
        <div>
          <h2 className="font-semibold">{t("ui.editConflict.title")}</h2>
          <p className="text-sm text-soft">{t("ui.editConflict.hint")} </p>
        </div>
      </div>
      {conflicts.map((conflict) => (
        <ConflictField key={conflict.field} form={form} conflict={conflict} />
      ))}
    </section>
  );
}

type ConflictFieldProps<T extends FieldValues> = { form: UseFormReturn<T>; conflict: Conflict<T> };

function ConflictField<T extends FieldValues>({ form, conflict }: ConflictFieldProps<T>) {
  const { field, label, theirs, mine } = conflict;
  const name = field as string as Path<T>;
  const current: unknown = form.watch(name);
  const use = (value: unknown) =>
    form.setValue(name, value as never, { shouldDirty: true, shouldValidate: false });
  if (mine === undefined) {
    return (
      <p className="text-sm text-soft">
        <Trans
          id="ui.editConflict.updated"
          values={{
            label,
            field: (text) => <strong className="font-semibold text-ink">{text}</strong>,
          }}
        />
      </p>
    );
  }
  return (
    <section aria-label={label}>
      <h3 className="mb-2 text-sm font-semibold">{label}</h3>
      <div className="grid gap-3 md:grid-cols-2">
        <Version
          title={t("ui.editConflict.theirs")}
          value={theirs}
          isChosen={current === theirs}
          onChoose={() => use(theirs)}
        />
        <Version
          title={t("ui.editConflict.mine")}
          value={mine}
          isChosen={current === mine}
          onChoose={() => use(mine)}
        />
      </div>
    </section>
  );
}

type VersionProps = { title: string; value: unknown; isChosen: boolean; onChoose: () => void };

function Version({ title, value, isChosen, onChoose }: VersionProps) {
  return (
    <section
      aria-label={title}
      className="flex min-w-0 flex-col rounded-md bg-card p-3 shadow-card"
    >
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h4 className="text-sm font-semibold text-soft">{title}</h4>
        <Button disabled={isChosen} onClick={onChoose} className="disabled:cursor-default">
          {isChosen ? t("ui.editConflict.selected") : t("ui.editConflict.use")}
        </Button>
      </div>
      <p
        dir="auto"
        className="max-h-64 overflow-y-auto text-sm whitespace-pre-wrap [overflow-wrap:anywhere] text-ink"
      >
        {toText(value) || <span className="text-faint">{t("ui.editConflict.empty")}</span>}
      </p>
    </section>
  );
}

function toText(value: unknown): string {
  if (typeof value !== "boolean") return String(value);
  return value ? t("ui.editConflict.yes") : t("ui.editConflict.no");
}
