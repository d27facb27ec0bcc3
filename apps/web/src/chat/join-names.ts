import { format } from "../lib/format.ts";
import { t } from "../lib/messages.ts";

/** The names, texts or elements, as a list in words. Of more than `maxNames`, the last says how many more there are. */
export function joinNames<T>(names: readonly T[], maxNames: number): (T | string)[] {
  if (names.length <= maxNames) return format.list(names);
  const shown = names.slice(0, maxNames - 1);
  return format.list([...shown, t("chat.moreNames", { count: names.length - shown.length })]);
}
