import type { ReactNode } from "react";
import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { errorMessage, fieldErrors } from "../../lib/error-messages.ts";
import { Alert } from "../alert.tsx";

type FormProps<T extends FieldValues> = {
  form: UseFormReturn<T>;
  onSubmit: (values: T) => Promise<void>;
  children: ReactNode;
  className?: string;
};

/** A form whose rules live on the server: what it refuses shows beside the fields, the rest on top. */
export function Form<T extends FieldValues>(props: FormProps<T>) {
  const { form, onSubmit, children, className = "space-y-5" } = props;
  const submit = form.handleSubmit(async (values) => {
    try {
      await onSubmit(values);
    } catch (error) {
      showErrors(error, form);
    }
  });
  const general = form.formState.errors.root?.["server"]?.message;
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className={className}>
      {general && <Alert tone="danger">{general}</Alert>}
      {children}
    </form>
  );
}

function showErrors<T extends FieldValues>(error: unknown, form: UseFormReturn<T>): void {
  const fields = new Set(Object.keys(form.getValues()));
  const elsewhere: string[] = [];
  let placed = 0;
  for (const [field, message] of fieldErrors(error)) {
    if (!fields.has(field)) {
      elsewhere.push(message);
      continue;
    }
    form.setError(field as Path<T>, { type: "server", message }, { shouldFocus: placed === 0 });
    placed += 1;
  }
  if (placed > 0 && elsewhere.length === 0) return;
  form.setError("root.server", { message: elsewhere.join(" ") || errorMessage(error) });
}
