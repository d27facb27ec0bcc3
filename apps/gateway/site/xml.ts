/** An element of an XML document: text or elements inside, attributes. */
export type XmlElement = {
  readonly name: string;
  readonly content: string | readonly XmlElement[];
  readonly attributes: Readonly<Record<string, string>>;
};

/** Makes an element. */
export function xml(
  name: string,
  content: XmlElement["content"] = "",
  attributes: XmlElement["attributes"] = {},
): XmlElement {
  return { name, content, attributes };
}

/** Serializes a document with this root, in UTF-8. */
export function xmlDocument(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${serialize(root)}\n`;
}

function serialize({ name, content, attributes }: XmlElement): string {
  const parts = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const inside = typeof content === "string" ? escapeXml(content) : content.map(serialize).join("");
  return `<${name}${parts.join("")}>${inside}</${name}>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // Else a parser reads it as a line feed.
  "\r": "&#13;",
};

/** What XML 1.0 admits in no form (section 2.2): most control characters, two noncharacters, lone surrogates. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be found
const forbiddenPattern = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu;

/** Escapes text for content and attributes; characters that XML forbids become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(forbiddenPattern, "\uFFFD")
    .replaceAll(/[&<>"\r]/g, (char) => entities[char] ?? char);
}
