import { type Word, wordsOf } from "./words.ts";

/** Quoted text, or text up to the next blank, either with a minus before it. */
const termPattern = /(?<minus>-?)"(?<phrase>[^"]*)"?|\S+/gu;

const typographicQuote = /[\u201c-\u201f\u00ab\u00bb\u300c-\u300f\uff02]/gu;

/** A term: words that stand beside each other, as lexemes of PostgreSQL's tsquery. */
type Term = { readonly isExcluded: boolean; readonly lexemes: readonly string[] };

/** What people search for. */
export type SearchQuery = {
  /** All of it, in the notation of PostgreSQL's tsquery, for a cast. */
  readonly whole: string;
  /** For each alternative the lexemes that must be there, in the same notation. */
  readonly alternatives: readonly (readonly string[])[];
};

/**
 * Reads what people search for; undefined when it contains no word to find, such as `!!!` or `-hay`: then nothing is
 * found.
 *
 * All words must be there; their beginnings suffice. `"quoted phrases"` are found as they stand, words parted by
 * punctuation alone (`report.pdf`) beside each other. `or` parts alternatives, `-word` excludes a whole word.
 */
export function parseSearchQuery(text: string): SearchQuery | undefined {
  const alternatives: Term[][] = [[]];
  const matches = [...text.replace(typographicQuote, '"').matchAll(termPattern)];
  for (const [index, { 0: source, groups }] of matches.entries()) {
    const isBetween = index > 0 && index < matches.length - 1;
    if (isBetween && source.toLowerCase() === "or") {
      alternatives.push([]);
      continue;
    }
    const phrase = groups?.["phrase"];
    const isExcluded = source.startsWith("-");
    const lexemes = lexemesOf(phrase ?? source, phrase !== undefined || isExcluded);
    if (lexemes.length > 0) alternatives.at(-1)?.push({ isExcluded, lexemes });
  }
  const findable = alternatives.filter((terms) => terms.some(({ isExcluded }) => !isExcluded));
  if (findable.length === 0) return undefined;
  return {
    whole: findable.map(conjunction).join(" | "),
    alternatives: findable.map((terms) =>
      terms.flatMap(({ isExcluded, lexemes }) => (isExcluded ? [] : lexemes)),
    ),
  };
}

function conjunction(terms: readonly Term[]): string {
  return terms
    .map(({ isExcluded, lexemes }) => `${isExcluded ? "!" : ""}(${lexemes.join(" <-> ")})`)
    .join(" & ");
}

/** The words of a term; the last one is a beginning unless the term is exact. */
function lexemesOf(text: string, isExact: boolean): string[] {
  const words = wordsOf(text);
  return words
    .filter(({ kind }, index) => !isAfterPair(kind, words[index - 1], words[index + 1]))
    .map(({ text: word, kind }, index, { length }) => {
      const isLast = index === length - 1;
      const isOpen = kind === "last" || (!isExact && endsInWord.test(text));
      return `'${word}'${isLast && isOpen && kind !== "pair" ? ":*" : ""}`;
    });
}

/** What follows `word,` or `nick_` has ended: only what still could go on is a beginning. */
const endsInWord =
  // With the flag u, V8 of Node 26 finds no character beyond U+FFFF at the end.
  /[\p{L}\p{M}\p{N}\p{Extended_Pictographic}\p{Emoji_Presentation}]\ufe0f?$/v;

/** Whether it is the last character of a run at the end, which in a longer text begins another pair. */
function isAfterPair(
  kind: Word["kind"],
  before: Word | undefined,
  next: Word | undefined,
): boolean {
  return kind === "last" && before?.kind === "pair" && next === undefined;
}
