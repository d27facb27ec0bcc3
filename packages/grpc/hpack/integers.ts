import { HpackError } from "./hpack-error.ts";

/** A header block and the offset of what is read next. */
export interface BlockReader {
  readonly bytes: Buffer;
  at: number;
}

/** Far above any integer of a valid block: the largest are lengths of strings. */
const integerLimit = 2 ** 28;
/** Five octets of seven bits hold every value below the bound, with a few zeros to spare. */
const maxShift = 28;

/**
 * Reads an integer with a prefix of `prefixBits` bits (RFC 7541, section 5.1). Throws an
 * HpackError when the block ends in it, when it is 2^28 or more, or when it takes more than six octets.
 */
export function readInteger(reader: BlockReader, prefixBits: number): number {
  const largest = (1 << prefixBits) - 1;
  const octet = reader.bytes[reader.at];
  if (octet === undefined) throw integerTruncated();
  reader.at++;
  const prefix = octet & largest;
  return prefix < largest ? prefix : largest + readContinuation(reader);
}

function readContinuation(reader: BlockReader): number {
  let value = 0;
  for (let shift = 0; shift <= maxShift; shift += 7) {
    const octet = reader.bytes[reader.at++];
    if (octet === undefined) throw integerTruncated();
    value += (octet & 0x7f) * 2 ** shift;
    if (value >= integerLimit) throw new HpackError("An integer is 2^28 or more (RFC 7541, 5.1).");
    if (octet < 0x80) return value;
  }
  throw new HpackError("An integer takes more than six octets (RFC 7541, 5.1).");
}

function integerTruncated(): HpackError {
  return new HpackError("The block ends inside an integer (RFC 7541, 5.1).");
}

/**
 * Writes an integer into `out` at `at`; returns the offset of its end. `pattern` has the bits of the first
 * octet above the prefix of `prefixBits` bits.
 */
export function writeInteger(
  out: Uint8Array,
  at: number,
  pattern: number,
  prefixBits: number,
  value: number,
): number {
  const largest = (1 << prefixBits) - 1;
  if (value < largest) {
    out[at] = pattern | value;
    return at + 1;
  }
  out[at] = pattern | largest;
  let rest = value - largest;
  let end = at + 1;
  while (rest >= 0x80) {
    out[end++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[end] = rest;
  return end + 1;
}
