import { useMutation } from "@tanstack/react-query";
import { type HTMLAttributes, useEffect, useId, useState } from "react";
import { errorMessage } from "../../lib/error-messages.ts";
import { controlClass } from "./control-class.ts";

type InlineFieldProps = {
  label: string;
  value: string;
  inputMode: HTMLAttributes<HTMLInputElement>["inputMode"];
  /** What is wrong with the text; undefined when nothing is. */
  check: (text: string) => string | undefined;
  onSave: (text: string) => Promise<unknown>;
};

/** A field that saves itself, on Enter or when it is left. Escape brings back what it was. */
export function InlineField({ label, value, inputMode, check, onSave }: InlineFieldProps) {
  const [text, setText] = useState(value);
  const [complaint, setComplaint] = useState<string>();
  const save = useMutation({ mutationFn: onSave });
  const id = useId();
  useEffect(() => setText(value), [value]);
  const commit = () => {
    if (text === value || save.isPending) return;
    const wrong = check(text);
    setComplaint(wrong);
    if (wrong) return;
    save.mutate(text, { onError: (error) => setComplaint(errorMessage(error)) });
  };
  const reset = () => {
    setText(value);
    setComplaint(undefined);
  };
  return (
    <div>
      <input
        aria-label={label}
        aria-invalid={complaint ? true : undefined}
        aria-describedby={complaint ? id : undefined}
        aria-busy={save.isPending}
        inputMode={inputMode}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onBlur={commit}
        onKeyDown={({ key }) => {
          if (key === "Enter") commit();
          if (key === "Escape") reset();
        }}
        className={`min-h-10 tabular-nums ${controlClass}`}
      />
      {complaint && (
        <p id={id} role="alert" className="mt-1 text-xs font-medium text-danger">
          {complaint}
        </p>
      )}
    </div>
  );
}
