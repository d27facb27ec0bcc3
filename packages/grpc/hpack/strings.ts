import { HpackError } from "./hpack-error.ts";
import { decodeHuffman, encodeHuffman, huffmanLength } from "./huffman.ts";
import { type BlockReader, readInteger, writeInteger } from "./integers.ts";

const huffmanFlag = 0x80;
/** The shortest code has five bits. */
const maxExpansion = 8 / 5;
/** Up to this length a loop is faster than a call into the runtime; above it costs 1 ns more for each character. */
const maxLoopChars = 48;
const scratchBuffer = Buffer.allocUnsafeSlow(4096);

/**
 * Reads a string (RFC 7541, section 5.2). One that is not wanted is validated, and returned as "". Throws an
 * HpackError when the block ends in it or its Huffman code is malformed.
 */
export function readString(reader: BlockReader, isWanted: boolean): string {
  const bytes = reader.bytes;
  const isHuffman = (bytes[reader.at] ?? 0) >= huffmanFlag;
  const length = readInteger(reader, 7);
  const start = reader.at;
  const end = start + length;
  if (end > bytes.length) {
    throw new HpackError(
      `A string of ${length} bytes has ${bytes.length - start} left in its block (RFC 7541, 5.2).`,
    );
  }
  reader.at = end;
  if (!isHuffman) return isWanted ? bytes.toString("latin1", start, end) : "";
  const most = Math.ceil(length * maxExpansion);
  const decoded = most <= scratchBuffer.length ? scratchBuffer : Buffer.allocUnsafeSlow(most);
  const decodedLength = decodeHuffman(bytes, start, end, decoded);
  return isWanted ? decoded.toString("latin1", 0, decodedLength) : "";
}

/** Writes a string as a literal, the low eight bits of each character; returns the offset of its end. */
export function writePlainString(text: string, out: Uint8Array, at: number): number {
  const start = writeInteger(out, at, 0, 7, text.length);
  if (text.length > maxLoopChars && Buffer.isBuffer(out)) {
    return start + out.write(text, start, "latin1");
  }
  for (let i = 0; i < text.length; i++) out[start + i] = text.charCodeAt(i);
  return start + text.length;
}

/** Writes a string in Huffman code if that is shorter; returns the offset of its end. */
export function writeShortestString(text: string, out: Uint8Array, at: number): number {
  const length = huffmanLength(text);
  if (length >= text.length) return writePlainString(text, out, at);
  return encodeHuffman(text, out, writeInteger(out, at, huffmanFlag, 7, length));
}
