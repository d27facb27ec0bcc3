import { Eye, EyeOff } from "lucide-react";
import {
  type InputHTMLAttributes,
  type ReactNode,
  type TextareaHTMLAttributes,
  useId,
  useState,
} from "react";
import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { CharacterCount } from "./character-count.tsx";
import { controlClass } from "./control-class.ts";

export type FieldProps<T extends FieldValues> = {
  form: UseFormReturn<T>;
  name: Path<T>;
  label: string;
  hint?: ReactNode;
  /** The maximum number of characters, which the field shows and the server checks. */
  limit?: number;
};

type InputProps<T extends FieldValues> = FieldProps<T> &
  Omit<InputHTMLAttributes<HTMLInputElement>, "form" | "name">;

type PasswordProps<T extends FieldValues> = InputProps<T> & {
  /** What the switch does, such as "Show password". */
  showLabel: string;
};

type TextAreaProps<T extends FieldValues> = FieldProps<T> &
  Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "form" | "name">;

export function TextField<T extends FieldValues>(props: InputProps<T>) {
  const { form, name, label, hint: _, limit: __, ...rest } = props;
  const { id, hint, error, describe } = useField(props);
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <input
        dir={rest.type ? undefined : "auto"}
        {...rest}
        {...form.register(name)}
        {...describe}
        className={`min-h-11 ${controlClass}`}
      />
    </FieldFrame>
  );
}

export function TextAreaField<T extends FieldValues>(props: TextAreaProps<T>) {
  const { form, name, label, hint: _, limit: __, className = "", ...rest } = props;
  const { id, hint, error, describe } = useField(props);
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <textarea
        dir="auto"
        {...rest}
        {...form.register(name)}
        {...describe}
        className={`${controlClass} ${className}`}
      />
    </FieldFrame>
  );
}

/** A password with a switch that shows it. */
export function PasswordField<T extends FieldValues>(props: PasswordProps<T>) {
  const { form, name, label, showLabel, hint: _, limit: __, ...rest } = props;
  const { id, hint, error, describe } = useField(props);
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <div className="relative">
        <input
          {...rest}
          {...form.register(name)}
          {...describe}
          type={shown ? "text" : "password"}
          className={`min-h-11 pe-12 ${controlClass}`}
        />
        <button
          type="button"
          aria-pressed={shown}
          aria-label={showLabel}
          onClick={() => setShown(!shown)}
          className="absolute inset-y-0 end-0 grid w-11 place-items-center rounded-md text-faint hover:text-ink"
        >
          <Icon className="size-5" aria-hidden />
        </button>
      </div>
    </FieldFrame>
  );
}

function useField<T extends FieldValues>({ form, name, hint: text, limit }: FieldProps<T>) {
  const id = useId();
  const value = limit === undefined ? "" : String(form.watch(name));
  const hint = (text || limit !== undefined) && (
    <>
      {text} {limit !== undefined && <CharacterCount text={value} limit={limit} />}
    </>
  );
  const error = form.getFieldState(name, form.formState).error?.message;
  const describedBy = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  const describe = {
    id,
    "aria-invalid": error ? true : undefined,
    "aria-describedby": describedBy,
  };
  return { id, hint, error, describe };
}

type FieldFrameProps = {
  id: string;
  label: string;
  hint: ReactNode;
  error: string | undefined;
  children: ReactNode;
};

function FieldFrame({ id, label, hint, error, children }: FieldFrameProps) {
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-semibold">
        {label}
      </label>
      {children}
      {error && (
        <p id={`${id}-error`} className="mt-1.5 text-sm font-medium text-danger">
          {error}
        </p>
      )}
      {hint && !error && (
        <p id={`${id}-hint`} className="text-xs text-faint not-empty:mt-1.5">
          {hint}
        </p>
      )}
    </div>
  );
}
