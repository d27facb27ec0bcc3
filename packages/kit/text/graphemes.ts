// Only the locale of words matters, and Plaza does not know that of a text: the root locale.
const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });

/** Characters that are clusters of their own, unless something else follows. */
const asciiPattern = /^[\x20-\x7e\n]*$/;

/**
 * The length of a text in characters as the contract's `max_len` counts them: Unicode code points, so that 😀 is one
 * and a family of four joined emoji is seven.
 */
export function countCharacters(text: string): number {
  let surrogatePairs = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(i + 1);
    if (next >= 0xdc00 && next <= 0xdfff) surrogatePairs += 1;
  }
  return text.length - surrogatePairs;
}

/** The first `count` characters as readers see them: grapheme clusters, as in Unicode's UAX #29. */
export function firstGraphemes(text: string, count: number): string {
  // The segmenter takes a microsecond for each cluster.
  if (asciiPattern.test(text.slice(0, count + 1))) return text.slice(0, count);
  let seen = 0;
  for (const { index } of segmenter.segment(text)) {
    if (seen === count) return text.slice(0, index);
    seen += 1;
  }
  return text;
}

/**
 * At most `maxGraphemes` characters as readers see them. A longer text is cut between words, where it has spaces,
 * and ends with an ellipsis.
 */
export function truncate(text: string, maxGraphemes: number): string {
  if (text.length <= maxGraphemes || firstGraphemes(text, maxGraphemes) === text) return text;
  const room = firstGraphemes(text, maxGraphemes - 1);
  const end = room.lastIndexOf(" ");
  const kept = end > room.length / 2 ? room.slice(0, end) : room;
  return `${kept.replace(/[\p{White_Space}.,;:•–—-]+$/u, "")}…`;
}
