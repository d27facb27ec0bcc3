/** The same characters as the rule string.visible of the contracts. */
const visibleCharacter =
  /[[\p{L}\p{N}\p{P}\p{S}\p{Co}]--\p{Default_Ignorable_Code_Point}--[\u2800\u{1d159}]]/v;

/**
 * The form in which text of people is stored: in NFC (UAX #15), so that equal texts are equal strings, and
 * without white space around it. Empty when nothing in it is visible.
 */
export function normalizeText(text: string): string {
  return normalizeMarkdown(text).trim();
}

/** Like `normalizeText`, but keeps the white space around it: leading blanks can be a block of code. */
export function normalizeMarkdown(text: string): string {
  return visibleCharacter.test(text) ? text.normalize("NFC") : "";
}
