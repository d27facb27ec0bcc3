import type { ComponentProps } from "react";
import { Link, type LinkProps } from "react-router";

type ButtonVariant = "primary" | "quiet" | "danger" | "plain";

const variantClasses: Record<ButtonVariant, string> = {
  primary: "bg-fill text-on-fill hover:bg-fill-deep",
  quiet: "bg-card text-ink shadow-card hover:bg-sunken",
  danger: "bg-danger-fill text-on-fill hover:bg-danger-fill-deep",
  plain: "text-soft hover:bg-sunken hover:text-ink",
};

const baseClass =
  "inline-flex min-h-11 min-w-11 items-center justify-center gap-2 rounded-md px-4 text-sm font-semibold whitespace-nowrap transition-colors duration-150 disabled:cursor-progress disabled:opacity-60";

type ButtonProps = ComponentProps<"button"> & { variant?: ButtonVariant; busy?: boolean };

/** A button; while busy it is disabled, and marked as busy for screen readers. */
export function Button({ variant = "quiet", busy = false, className = "", ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy}
      disabled={busy || rest.disabled}
      className={`${baseClass} ${variantClasses[variant]} ${className}`}
    />
  );
}

type LinkButtonProps = LinkProps & { variant?: ButtonVariant };

/** A link that looks like a button. */
export function LinkButton({ variant = "quiet", className = "", ...rest }: LinkButtonProps) {
  return <Link {...rest} className={`${baseClass} ${variantClasses[variant]} ${className}`} />;
}
