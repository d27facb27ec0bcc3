/**
 * Marks that a search leaves out: accents of Latin, Greek and Cyrillic, the points of Hebrew, the vowel signs of
 * Arabic, which are mostly not written. In other scripts marks are vowels and stay, as do the voicing marks of
 * Japanese.
 */
const optionalMark =
  /[[[\p{Mn}\p{Me}]&&[\p{Script=Inherited}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}]]--[\u3099\u309a]]/gv;

/** Invisible characters, and the bar that stretches Arabic words. */
const ignorable = /[\p{Default_Ignorable_Code_Point}\u0640]/gu;

/** Letters that do not decompose into a base and a mark, and are yet written without it. */
const baseLetters: Readonly<Record<string, string>> = {
  æ: "ae",
  ð: "d",
  ø: "o",
  þ: "th",
  đ: "d",
  ħ: "h",
  ł: "l",
  œ: "oe",
  ŧ: "t",
  ς: "σ",
  // Arabic and Persian keyboards have different letters for the same; final forms are often interchanged.
  ة: "ه",
  ى: "ي",
  ک: "ك",
  ی: "ي",
};
const letterWithBase = new RegExp(`[${Object.keys(baseLetters).join("")}]`, "gu");

/**
 * The form in which texts are compared when their case, accents and presentation do not matter: NFKC (UAX #15),
 * full case folding, without optional marks and invisible characters. `Ｃafé`, `CAFE` and `cafe` are equal, as are
 * `Straße` and `STRASSE`, `İ`, `ı` and `i`. Independent of the locale of server and database.
 */
export function foldText(text: string): string {
  // Upper case between lower cases makes ß, ſ, ı and the like what Unicode folds them to.
  const lower = text.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase();
  return lower
    .normalize("NFD")
    .replace(optionalMark, "")
    .replace(ignorable, "")
    .replace(letterWithBase, (letter) => baseLetters[letter] ?? letter)
    .normalize("NFC");
}
