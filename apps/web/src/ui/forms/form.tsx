import type { ReactNode } from "react";
import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { fieldErrors } from "../../lib/call-error-messages.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { Alert } from "../alert.tsx";

type FormProps<T extends FieldValues> = {
  form: UseFormReturn<T>;
  onSubmit: (values: T) => Promise<void>;
  children: ReactNode;
  className?: string;
};

/** A form that the server validates: field errors show beside the fields, others on top. */
export function Form<T extends FieldValues>(props: FormProps<T>) {
  const { form, onSubmit, children, className = "space-y-5" } = props;
  const submit = form.handleSubmit(async (values) => {
    try {
      await onSubmit(values);
    } catch (error) {
      showErrors(error, form);
    }
  });
  const formError = form.formState.errors.root?.["server"]?.message;
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className={className}>
      {formError && <Alert tone="danger">{formError}</Alert>}
      {children}
    </form>
  );
}

function showErrors<T extends FieldValues>(error: unknown, form: UseFormReturn<T>): void {
  const fields = new Set(Object.keys(form.getValues()));
  const otherMessages: string[] = [];
  let placedCount = 0;
  for (const [field, message] of fieldErrors(error)) {
    if (!fields.has(field)) {
      otherMessages.push(message);
      continue;
    }
    form.setError(
      field as Path<T>,
      { type: "server", message },
      { shouldFocus: placedCount === 0 },
    );
    placedCount += 1;
  }
  if (placedCount > 0 && otherMessages.length === 0) return;
  form.setError("root.server", { message: otherMessages.join(" ") || errorMessage(error) });
}
