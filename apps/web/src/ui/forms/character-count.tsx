import { countCharacters } from "@plaza/kit/text/graphemes";
import { t } from "../../lib/messages.ts";

/** How many characters a text may still have, near and above the limit; counted as the server counts. */
export function CharacterCount({ text, limit }: { text: string; limit: number }) {
  const left = limit - countCharacters(text);
  if (left >= limit / 10) return null;
  if (left >= 0) return <span>{t("ui.characterCount.left", { count: left })}</span>;
  return (
    <span className="font-medium text-danger">
      {t("ui.characterCount.over", { count: -left, limit })}
    </span>
  );
}
