import { HpackError } from "./hpack-error.ts";
import { codeLengths, codes, endOfString } from "./hpack-huffman-code.ts";

// A decoded symbol is packed with the length of its code: length << 9 | symbol.
const symbolMask = 0x1ff;
const lengthShift = 9;
const longest = 30;

/** For each next eight bits the symbol whose code they begin with, or 0 where its code is longer. */
const shortCodes = new Uint16Array(256);
/** For each length, the codes of it and of all shorter ones are below this, shifted to the top of 32 bits. */
const limits = new Float64Array(longest + 1);
/** Symbols by code, and for each length what to add to a code to find its symbol there. */
const symbolsInOrder: number[] = [];
const orderOffsets = new Int32Array(longest + 1);
fillTables();

function fillTables(): void {
  let limit = 0;
  for (let length = 5; length <= longest; length++) {
    orderOffsets[length] = symbolsInOrder.length - limit / 2 ** (32 - length);
    for (let symbol = 0; symbol <= endOfString; symbol++) {
      if (codeLengths[symbol] !== length) continue;
      symbolsInOrder.push(symbol);
      limit += 2 ** (32 - length);
      if (length > 8) continue;
      const first = (codes[symbol] ?? 0) << (8 - length);
      const next = first + (1 << (8 - length));
      shortCodes.fill((length << lengthShift) | symbol, first, next);
    }
    limits[length] = limit;
  }
}

/**
 * Decodes the Huffman string that lies in `bytes` from `start` to `end` into `out`, which must have
 * room for 8/5 of its length, and answers how many bytes that made (RFC 7541, section 5.2). Throws an
 * HpackError when the string holds the end-of-string symbol, or ends in anything but fewer than eight
 * one bits.
 */
export function decodeHuffman(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
): number {
  const bits = (end - start) * 8;
  let bit = 0;
  let length = 0;
  while (bit < bits) {
    const at = start + (bit >>> 3);
    const pair = ((bytes[at] ?? 0) << 8) | (at + 1 < end ? (bytes[at + 1] ?? 0) : 0xff);
    let found = shortCodes[(pair >>> (8 - (bit & 7))) & 0xff] ?? 0;
    if (found === 0) found = findLongCode(bytes, at, bit & 7, end);
    const next = bit + (found >>> lengthShift);
    if (next > bits) break;
    if (next === bit + longest) rejectEndOfString(found);
    out[length++] = found;
    bit = next;
  }
  checkPadding(bytes[end - 1] ?? 0, bits - bit);
  return length;
}

/** Finds a code of more than eight bits, which begins `skip` bits into the octet at `at`. */
function findLongCode(bytes: Uint8Array, at: number, skip: number, end: number): number {
  let window = 0;
  for (let i = at; i < at + 4; i++) {
    window = (window << 8) | (i < end ? (bytes[i] ?? 0) : 0xff);
  }
  const last = at + 4 < end ? (bytes[at + 4] ?? 0) : 0xff;
  window = ((window << skip) | (last >>> (8 - skip))) >>> 0;
  let length = lengthShift;
  while (length < longest && window >= (limits[length] ?? 0)) length++;
  const symbol = symbolsInOrder[(window >>> (32 - length)) + (orderOffsets[length] ?? 0)] ?? 0;
  return (length << lengthShift) | symbol;
}

function rejectEndOfString(found: number): void {
  if ((found & symbolMask) !== endOfString) return;
  throw new HpackError("A Huffman string holds the end-of-string symbol (RFC 7541, 5.2).");
}

function checkPadding(last: number, bits: number): void {
  if (bits > 7) {
    throw new HpackError(
      "A Huffman string ends in more than 7 bits without a symbol (RFC 7541, 5.2).",
    );
  }
  const ones = (1 << bits) - 1;
  if ((last & ones) === ones) return;
  throw new HpackError("The padding of a Huffman string is not all ones (RFC 7541, 5.2).");
}

const lengthOf = Uint8Array.from(codeLengths);
const codeOf = Uint32Array.from(codes);

/** How many bytes a string takes in Huffman code. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += lengthOf[text.charCodeAt(i) & 0xff] ?? 0;
  return (bits + 7) >>> 3;
}

/** Writes a string in Huffman code into `out` at `at`, and answers the end. */
export function encodeHuffman(text: string, out: Uint8Array, at: number): number {
  let end = at;
  // The lowest `held` bits of `bits` are still to be written; what stands above them is stale.
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i) & 0xff;
    const code = codeOf[symbol] ?? 0;
    let length = lengthOf[symbol] ?? 0;
    if (length > 24) {
      // Seven bits held and thirty more do not fit into an int32, so the highest go first.
      bits = (bits << (length - 24)) | (code >>> 24);
      held += length - 24;
      length = 24;
      if (held >= 8) {
        held -= 8;
        out[end++] = bits >>> held;
      }
    }
    bits = (bits << length) | (code & 0xffffff);
    held += length;
    while (held >= 8) {
      held -= 8;
      out[end++] = bits >>> held;
    }
  }
  if (held > 0) out[end++] = (bits << (8 - held)) | (0xff >>> held);
  return end;
}
