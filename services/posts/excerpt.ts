const maxExcerptLength = 280;

/** Much more than an excerpt needs, even of a text that is mostly markup. */
const maxScannedLength = 4_000;

/**
 * The beginning of a Markdown text as plain words on one line: at most 280 characters, cut between
 * words. Headings, tables and blocks of code are left out; links and pictures leave their words.
 */
export function excerptOf(markdown: string): string {
  const prose = markdown
    .slice(0, maxScannedLength)
    .toWellFormed()
    .replace(codeBlock, " ")
    .replace(nonProseLines, "")
    .replace(quoteMark, "")
    .replace(itemMark, "• ")
    .replace(inlineMarks, "$<kept>");
  return shorten(prose.replace(/\s+/g, " ").trim());
}

// Also a block whose end was cut off.
const codeBlock = /^ {0,3}(?<fence>```|~~~)[\s\S]*?(?:^ {0,3}\k<fence>.*$|(?![\s\S]))/gm;

/** Headings, rows of tables, rules and underlines. */
const nonProseLines = /^[ \t>]*(?:#{1,6}(?:[ \t].*)?|\|.*|[-=*_:][-=*_|: \t]*)$/gm;

const quoteMark = /^[ \t]*>[ \t>]*/gm;

/** Marks of bullet lists and task lists; numbers of numbered lists stay. */
const itemMark = /^[ \t]*[-+*][ \t]+(?:\[[ xX]\][ \t]+)?/gm;

/** Of an escape the character is kept, of an autolink the URL; all other matches are removed. */
const inlineMarks = new RegExp(
  [
    String.raw`\\(?<kept>[!-\/:-@\[-\x60{-~])`,
    String.raw`<(?<kept>https?:[^<>\s]+)>`,
    String.raw`<\/?[a-zA-Z][^<>]*>`,
    "<!--[^<>]*-->",
    String.raw`!?\[(?=[^\[\]]*\]\()`,
    String.raw`\]\([^()\n]*\)`,
    String.raw`(?<=\S)(?:[*\x60]|~~)+|(?:[*\x60]|~~)+(?=\S)`,
    String.raw`(?<![\p{L}\p{N}_])_+(?=\S)|(?<=\S)_+(?![\p{L}\p{N}_])`,
  ].join("|"),
  "gu",
);

function shorten(text: string): string {
  if (text.length <= maxExcerptLength) return text;
  const room = text.slice(0, maxExcerptLength - 1);
  const end = room.lastIndexOf(" ");
  // Text of some languages has no spaces; there only a surrogate pair must not be split.
  const kept =
    end > maxExcerptLength / 2 ? room.slice(0, end) : room.replace(/[\uD800-\uDBFF]$/, "");
  return `${kept.replace(/[\s.,;:•–—-]+$/u, "")}…`;
}
