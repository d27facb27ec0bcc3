import { wordsOf } from "./words.ts";

/** Weights of words, from the heaviest to the lightest. */
export type Weight = "A" | "B" | "C" | "D";

/** Positions of PostgreSQL's tsvector end here; it would give later words this one, too. */
const maxPosition = 16_383;

/** Of one word; PostgreSQL keeps no more. */
const maxPositions = 255;

/** Parts the words of two texts, so that no phrase is found across them. */
const gap = 10;

/**
 * What a row is searched by: the words of its texts, in the notation of PostgreSQL's tsvector, for a cast. Our words
 * and not those of to_tsvector, which splits text by the locale of the database. `tags` are further lexemes, which
 * no text can contain, such as the id of a parent.
 */
export function searchVector(
  texts: Partial<Record<Weight, string>>,
  tags: readonly string[] = [],
): string {
  const positions = new Map<string, string[]>();
  let offset = 0;
  for (const [weight, text] of Object.entries(texts)) {
    const words = wordsOf(text);
    for (const { text: word, position } of words) {
      const places = positions.getOrInsertComputed(word, () => []);
      const place = Math.min(offset + position, maxPosition);
      if (places.length < maxPositions) places.push(`${place}${weight}`);
    }
    offset += words.length + gap;
  }
  const lexemes = [...positions].map(([word, places]) => `'${word}':${places.join(",")}`);
  return [...tags.map(quoteTag), ...lexemes].join(" ");
}

/** A lexeme that is no word: words contain letters, digits and emoji only. */
export function quoteTag(tag: string): string {
  return `'#${tag.replaceAll(/['\\]/g, "\\$&")}'`;
}
