import { t } from "../../lib/messages.ts";

/** An arch with the sun in it, and the name. */
export function Wordmark() {
  return (
    <span className="flex items-center gap-2.5">
      <svg viewBox="0 0 32 32" className="size-8" aria-hidden>
        <rect width="32" height="32" rx="8" className="fill-fill" />
        <circle cx="16" cy="17.5" r="4.5" className="fill-sun" />
        <path d="M5 26V16a11 11 0 0 1 22 0v10h-5V16a6 6 0 0 0-12 0v10z" className="fill-on-fill" />
      </svg>
      <span className="text-xl font-bold tracking-tight max-[24rem]:sr-only">
        {t("app.frame.name")}
      </span>
    </span>
  );
}
