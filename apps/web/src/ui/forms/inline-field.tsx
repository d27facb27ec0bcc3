import { useMutation } from "@tanstack/react-query";
import { type HTMLAttributes, useEffect, useId, useState } from "react";
import { errorMessage } from "../../lib/error-message.ts";
import { controlClass } from "./control-class.ts";
import { isComposing } from "./is-composing.ts";

type InlineFieldProps = {
  label: string;
  value: string;
  inputMode: HTMLAttributes<HTMLInputElement>["inputMode"];
  /** Validates the text: an error message, or undefined. */
  check: (text: string) => string | undefined;
  onSave: (text: string) => Promise<unknown>;
};

/** A field that saves on Enter and when it loses the focus. Escape restores the value. */
export function InlineField({ label, value, inputMode, check, onSave }: InlineFieldProps) {
  const [text, setText] = useState(value);
  const [problem, setProblem] = useState<string>();
  const save = useMutation({ mutationFn: onSave });
  const id = useId();
  useEffect(() => setText(value), [value]);
  const commit = () => {
    if (text === value || save.isPending) return;
    const invalid = check(text);
    setProblem(invalid);
    if (invalid) return;
    save.mutate(text, { onError: (error) => setProblem(errorMessage(error)) });
  };
  const reset = () => {
    setText(value);
    setProblem(undefined);
  };
  return (
    <div>
      <input
        aria-label={label}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? id : undefined}
        aria-busy={save.isPending}
        inputMode={inputMode}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (isComposing(event)) return;
          if (event.key === "Enter") commit();
          if (event.key === "Escape") reset();
        }}
        className={`min-h-11 tabular-nums ${controlClass}`}
      />
      {problem && (
        <p id={id} role="alert" className="mt-1 text-xs font-medium text-danger">
          {problem}
        </p>
      )}
    </div>
  );
}
