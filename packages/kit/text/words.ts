import { foldText } from "./fold-text.ts";

/** A word of a text, as it is searched. */
export type Word = {
  readonly text: string;
  /** The 1-based position among the words of the text. */
  readonly position: number;
  /**
   * Of a script without blanks between words, such as Chinese or Thai: a pair of neighbouring characters, or the
   * last character of a run, with which no pair begins.
   */
  readonly kind: "word" | "pair" | "last" | "emoji";
};

/** A pictograph with its modifiers, alone or joined, or a flag. */
const emoji =
  /\p{Regional_Indicator}{2}|[\p{Extended_Pictographic}\p{Emoji_Presentation}][\ufe0e\ufe0f\p{Emoji_Modifier}\u{e0020}-\u{e007f}]*(?:\u200d\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]*)*/gv;

/** A run in scripts without blanks between words, or, in Korean, with suffixes that blanks do not part. */
const runOrWord =
  /(?<run>[[\p{L}\p{M}\p{Nl}]&&[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]]+)|[[\p{L}\p{M}\p{N}]--[[\p{L}\p{M}\p{Nl}]&&[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]]]+/gv;

const characterOfRun = /\P{M}\p{M}*|\p{M}+/gu;

/** PostgreSQL takes words of up to 2 kB; nobody types longer ones. */
const maxWordLength = 64;

const zeroWidthSpace = /\u200b/g;

/**
 * The words of a text, folded, in order. All other characters part words: blanks, punctuation, slashes, dots, so
 * that the parts of file names, URLs and e-mail addresses are words. An emoji is a word, too.
 */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  const add = (word: string, kind: Word["kind"]) =>
    words.push({ text: word, position: words.length + 1, kind });
  let start = 0;
  for (const { 0: pictograph, index } of text.matchAll(emoji)) {
    addWords(text.slice(start, index), add);
    add(pictograph.replace(/[\ufe0e\ufe0f]/g, ""), "emoji");
    start = index + pictograph.length;
  }
  addWords(text.slice(start), add);
  return words;
}

function addWords(text: string, add: (word: string, kind: Word["kind"]) => void): void {
  const folded = foldText(text.replace(zeroWidthSpace, " "));
  for (const { 0: word, groups } of folded.matchAll(runOrWord)) {
    if (groups?.["run"] === undefined) {
      add(truncate(word), "word");
      continue;
    }
    const characters = word.match(characterOfRun) ?? [];
    characters.forEach((character, index) => {
      const next = characters[index + 1];
      add(truncate(character + (next ?? "")), next === undefined ? "last" : "pair");
    });
  }
}

function truncate(word: string): string {
  return word.length <= maxWordLength ? word : [...word].slice(0, maxWordLength).join("");
}
