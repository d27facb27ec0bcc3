import { CallError } from "./call-error.ts";
import { t } from "./messages.ts";

/** A message for people, of one or two sentences. */
export function errorMessage(error: unknown): string {
  const call = error instanceof CallError ? error : undefined;
  // The browser's text for a broken connection is technical.
  if ((call ? call.cause : error) instanceof TypeError) return t("lib.error.unavailable");
  return call?.explain?.(call) ?? t("lib.error.unknown");
}
