/** The classes of a control for text. */
export const controlClass =
  "w-full rounded-md border border-edge bg-card px-3.5 py-2 text-base text-ink transition-colors duration-150 placeholder:text-faint hover:border-soft focus-visible:border-accent aria-invalid:border-danger";
