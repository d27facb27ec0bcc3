/** A Markdown text on one line, without its marks. */
export function toPlainText(text: string): string {
  return text
    .replaceAll(/```\w*/g, "")
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/(^|\n)\s*(>|[-*+]|\d+\.)\s+/g, "$1")
    .replaceAll(/(\*\*|__|~~|`|\*)/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}
