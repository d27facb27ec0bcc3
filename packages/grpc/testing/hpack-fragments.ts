import { hpackInteger, hpackString } from "./messages.ts";

/** A piece of a header block and what it is. */
export type HpackFragment = { readonly description: string; readonly bytes: Buffer };

// "custom-key" and "custom-value", Huffman coded (RFC 7541, appendix C.4.3).
const huffmanName = Buffer.from("8825a849e95ba97d7f", "hex");
const huffmanValue = Buffer.from("8925a849e95bb8e8b4bf", "hex");
const plainName = hpackString("custom-key");
const plainValue = hpackString("custom-value");
// The static table has user-agent at 58; the dynamic table begins behind 61.
const userAgent = 58;
const firstDynamic = 62;

/** An indexed field of the static table. */
export const staticField: Buffer = indexedField(userAgent);

/** The newest field of the dynamic table. */
export const newestField: Buffer = indexedField(firstDynamic);

/** Every form of a field that enters the dynamic table (RFC 7541, section 6.2.1). */
export const indexingFields: readonly HpackFragment[] = literalForms(
  "a literal field with indexing",
  {
    pattern: 0x40,
    prefixBits: 6,
  },
);

/** Every form of a field that does not (sections 6.2.2 and 6.2.3). */
export const unindexedFields: readonly HpackFragment[] = [
  ...literalForms("a literal field without indexing", { pattern: 0, prefixBits: 4 }),
  ...literalForms("a never indexed literal field", { pattern: 0x10, prefixBits: 4 }),
];

/** What must not stand at the end of a header block; `id` is the section and a place in it. */
export const malformedEnds: readonly (HpackFragment & { readonly id: string })[] = [
  {
    id: "2.3.3/1",
    description: "an indexed field beyond both tables",
    bytes: indexedField(firstDynamic + 8),
  },
  {
    id: "2.3.3/2",
    description: "a literal field whose name is beyond both tables",
    bytes: Buffer.concat([hpackInteger(firstDynamic + 8, 6, 0x40), plainValue]),
  },
  { id: "4.2/1", description: "a size update at the end of a header block", bytes: sizeUpdate(1) },
  {
    id: "5.2/1",
    description: "Huffman padding of more than seven bits",
    bytes: withValue("8a25a849e95bb8e8b4bfff"),
  },
  // "aaaa" and four zeros; five would be the code of a letter.
  { id: "5.2/2", description: "Huffman padding with zeros", bytes: withValue("8318c630") },
  {
    id: "5.2/3",
    description: "the Huffman code EOS between two letters",
    bytes: withValue("851fffffffe3"),
  },
  { id: "6.1/1", description: "an indexed field with index 0", bytes: indexedField(0) },
];

/** A size update of the dynamic table (RFC 7541, section 6.3). */
export function sizeUpdate(bytes: number): Buffer {
  return hpackInteger(bytes, 5, 0x20);
}

function indexedField(index: number): Buffer {
  return hpackInteger(index, 7, 0x80);
}

function literalForms(
  what: string,
  { pattern, prefixBits }: { readonly pattern: number; readonly prefixBits: number },
): HpackFragment[] {
  const known = hpackInteger(userAgent, prefixBits, pattern);
  const unknown = Buffer.of(pattern);
  return [
    { description: `${what}, its name indexed`, bytes: Buffer.concat([known, plainValue]) },
    {
      description: `${what}, its name indexed, its value Huffman coded`,
      bytes: Buffer.concat([known, huffmanValue]),
    },
    {
      description: `${what}, its name new`,
      bytes: Buffer.concat([unknown, plainName, plainValue]),
    },
    {
      description: `${what}, its name new, all Huffman coded`,
      bytes: Buffer.concat([unknown, huffmanName, huffmanValue]),
    },
  ];
}

function withValue(huffman: string): Buffer {
  return Buffer.concat([Buffer.of(0), plainName, Buffer.from(huffman, "hex")]);
}
