import { HpackError } from "./hpack-error.ts";
import { endOfStringSymbol, huffmanCodeLengths, huffmanCodes } from "./huffman-code.ts";

// A decoded symbol is packed with the length of its code: length << 9 | symbol.
const lengthShift = 9;
const maxCodeBits = 30;

/** For each next eight bits the symbol whose code they begin with, or 0 where its code is longer. */
const shortCodes = new Uint16Array(256);
/** For each length, the codes of it and of all shorter ones are below this, shifted to the top of 32 bits. */
const codeLimits = new Float64Array(maxCodeBits + 1);
/** Symbols by code, and for each length what to add to a code to find its symbol there. */
const symbolsInOrder: number[] = [];
const orderOffsets = new Int32Array(maxCodeBits + 1);
fillTables();

function fillTables(): void {
  let limit = 0;
  for (let length = 5; length <= maxCodeBits; length++) {
    orderOffsets[length] = symbolsInOrder.length - limit / 2 ** (32 - length);
    for (let symbol = 0; symbol <= endOfStringSymbol; symbol++) {
      if (huffmanCodeLengths[symbol] !== length) continue;
      symbolsInOrder.push(symbol);
      limit += 2 ** (32 - length);
      if (length > 8) continue;
      const first = (huffmanCodes[symbol] ?? 0) << (8 - length);
      const next = first + (1 << (8 - length));
      shortCodes.fill((length << lengthShift) | symbol, first, next);
    }
    codeLimits[length] = limit;
  }
}

/**
 * Decodes the Huffman string in `bytes` from `start` to `end` into `out`, which must have room for 8/5 of its
 * length; returns the number of decoded bytes (RFC 7541, section 5.2). Throws an
 * HpackError when the string holds the end-of-string symbol, or ends in anything but fewer than eight
 * one bits.
 */
export function decodeHuffman(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
): number {
  let at = start;
  let length = 0;
  // The lowest `held` bits of `bits` are still to be decoded; those above are stale.
  let bits = 0;
  let held = 0;
  while (held >= 8 || at < end) {
    if (held < 8) {
      bits = (bits << 8) | (bytes[at++] ?? 0);
      held += 8;
    }
    const found = shortCodes[(bits >>> (held - 8)) & 0xff] ?? 0;
    if (found !== 0) {
      out[length++] = found;
      held -= found >>> lengthShift;
      continue;
    }
    const bit = at * 8 - held;
    const long = findLongCode(bytes, bit, end);
    out[length++] = long;
    const next = bit + (long >>> lengthShift);
    at = (next + 7) >>> 3;
    held = at * 8 - next;
    bits = bytes[at - 1] ?? 0;
  }
  const padded = (bits << (8 - held)) | (0xff >>> held);
  const last = shortCodes[padded & 0xff] ?? 0;
  if (last === 0 || last >>> lengthShift > held) {
    checkPadding(bits, held);
    return length;
  }
  out[length] = last;
  checkPadding(bits, held - (last >>> lengthShift));
  return length + 1;
}

/** Finds the code of more than eight bits that begins at a bit of `bytes`. */
function findLongCode(bytes: Uint8Array, bit: number, end: number): number {
  const at = bit >>> 3;
  const skip = bit & 7;
  let window = 0;
  for (let i = at; i < at + 4; i++) {
    window = (window << 8) | (i < end ? (bytes[i] ?? 0) : 0xff);
  }
  const fifth = at + 4 < end ? (bytes[at + 4] ?? 0) : 0xff;
  window = ((window << skip) | (fifth >>> (8 - skip))) >>> 0;
  let length = 9;
  while (length < maxCodeBits && window >= (codeLimits[length] ?? 0)) length++;
  if (bit + length > end * 8) {
    throw new HpackError(
      "A Huffman string ends in more than 7 bits without a symbol (RFC 7541, 5.2).",
    );
  }
  const symbol = symbolsInOrder[(window >>> (32 - length)) + (orderOffsets[length] ?? 0)] ?? 0;
  if (symbol === endOfStringSymbol) {
    throw new HpackError("A Huffman string holds the end-of-string symbol (RFC 7541, 5.2).");
  }
  return (length << lengthShift) | symbol;
}

function checkPadding(bits: number, held: number): void {
  const ones = (1 << held) - 1;
  if ((bits & ones) === ones) return;
  throw new HpackError("The padding of a Huffman string is not all ones (RFC 7541, 5.2).");
}

const lengthsBySymbol = Uint8Array.from(huffmanCodeLengths);
const codesBySymbol = Uint32Array.from(huffmanCodes);

/** The length of a string in Huffman code, in bytes. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += lengthsBySymbol[text.charCodeAt(i) & 0xff] ?? 0;
  return (bits + 7) >>> 3;
}

/** Writes a string in Huffman code into `out` at `at`; returns the offset of its end. */
export function encodeHuffman(text: string, out: Uint8Array, at: number): number {
  let end = at;
  // The lowest `held` bits of `bits` are still to be written; those above are stale.
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i) & 0xff;
    const code = codesBySymbol[symbol] ?? 0;
    let length = lengthsBySymbol[symbol] ?? 0;
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
