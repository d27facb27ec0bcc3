import { countCharacters } from "@plaza/kit/text/graphemes";
import { format } from "../../lib/format.ts";

/** How many characters a text may still have, near and above the limit; counted as the server counts. */
export function CharacterCount({ text, limit }: { text: string; limit: number }) {
  const left = limit - countCharacters(text);
  if (left >= limit / 10) return null;
  const number = format.number(Math.abs(left));
  const noun = Math.abs(left) === 1 ? "character" : "characters";
  if (left >= 0) return <span>{`${number} ${noun} left.`}</span>;
  return (
    <span className="font-medium text-danger">
      {`${number} ${noun} too many: ${format.number(limit)} at most.`}
    </span>
  );
}
