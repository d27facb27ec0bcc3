import { toPlainText } from "@plaza/kit/text/plain-text";

const wordsPerMinute = 230;
/** Finds words also in scripts without spaces, such as Thai and Chinese. */
const segmenter = new Intl.Segmenter("und", { granularity: "word" });

/** How long it takes to read the words that a page shows of a Markdown text, in whole minutes from 1 on. */
export function minutesToRead(markdown: string): number {
  let words = 0;
  for (const { isWordLike } of segmenter.segment(toPlainText(markdown))) if (isWordLike) words += 1;
  return Math.max(1, Math.round(words / wordsPerMinute));
}
