/**
 * A name or title for a sentence that is no markup, such as a toast. When it can turn the order of what surrounds it,
 * because it has letters that run from right to left, it stands between the isolates of Unicode (UAX #9); in markup,
 * `<bdi>` does that.
 */
export function isolate(text: string): string {
  return rightToLeft.test(text) ? `\u2068${text}\u2069` : text;
}

/** Hebrew, Arabic, Syriac, Thaana, NKo and the later scripts that run so, and the controls of direction. */
const rightToLeft =
  /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
