import { BloomFilter } from "./bloom-filter.ts";
import { entrySize } from "./dynamic-table.ts";
import { EncoderTable, type NameEntry } from "./encoder-table.ts";
import type { HeaderFields } from "./header-fields.ts";
import { writeInteger } from "./integers.ts";
import { writePlainString, writeShortestString } from "./strings.ts";

/** In bytes: the protocol's default. More is not worth its memory. */
const maxTableBytes = 4096;
/** An entry larger than this share of the table would evict too many others. */
const maxEntryShare = 1 / 4;
/** In bytes, the largest entry that is made only so that later literals can refer to its name. */
const maxNameEntryBytes = 128;

// The patterns of RFC 7541, section 6, and the number of bits that remain for an index.
const indexedPattern = 0x80;
const indexedBits = 7;
const incrementalIndexingPattern = 0x40;
const incrementalIndexingBits = 6;
const sizeUpdatePattern = 0x20;
const sizeUpdateBits = 5;
const neverIndexedPattern = 0x10;
const withoutIndexingPattern = 0x00;
const literalBits = 4;

/** Encodes the header blocks of one direction of a connection. */
export class HpackEncoder {
  readonly #table = new EncoderTable(maxTableBytes);
  /**
   * The values that were sent as literals lately. A field is added to the table when its value is sent again, so
   * that one that never repeats, such as a request id, evicts nothing.
   */
  readonly #seenValueHashes = new BloomFilter();
  #wantedSize = maxTableBytes;
  #lowestSize = maxTableBytes;

  /**
   * Sets the peer's SETTINGS_HEADER_TABLE_SIZE, in bytes. It takes effect with the next block, which announces
   * it. The table is never larger than 4096 bytes.
   */
  setMaxTableSize(bytes: number): void {
    this.#wantedSize = Math.min(bytes, maxTableBytes);
    this.#lowestSize = Math.min(this.#lowestSize, this.#wantedSize);
  }

  /**
   * Writes the fields as one header block into `out` at `at`, and returns the offset of its end. Of each
   * character the low eight bits are sent. The caller guarantees room for `sizeBound(fields)` bytes, and sends
   * every encoded block, in order.
   */
  encode(fields: HeaderFields, out: Uint8Array, at: number): number {
    let end = this.#writeSizeUpdates(out, at);
    for (let i = 0; i + 1 < fields.length; i += 2) {
      end = this.#writeField(fields[i] ?? "", fields[i + 1] ?? "", out, end);
    }
    return end;
  }

  /** Announces the lowest size since the last block, then the final one (section 4.2). */
  #writeSizeUpdates(out: Uint8Array, at: number): number {
    const end = this.#writeSizeUpdate(this.#lowestSize, out, at);
    this.#lowestSize = this.#wantedSize;
    return this.#writeSizeUpdate(this.#wantedSize, out, end);
  }

  #writeSizeUpdate(size: number, out: Uint8Array, at: number): number {
    if (size === this.#table.maxSize) return at;
    this.#table.resize(size);
    return writeInteger(out, at, sizeUpdatePattern, sizeUpdateBits, size);
  }

  #writeField(name: string, value: string, out: Uint8Array, at: number): number {
    const known = this.#table.find(name);
    if (known !== undefined && known.indexing === "index") {
      const entry = known.entriesByValue.get(value);
      if (entry !== undefined) {
        return writeInteger(out, at, indexedPattern, indexedBits, this.#table.index(entry));
      }
    }
    const nameIndex = this.#table.nameIndex(known);
    if (this.#shouldIndex(name, value, known, nameIndex)) {
      const end = writeInteger(
        out,
        at,
        incrementalIndexingPattern,
        incrementalIndexingBits,
        nameIndex,
      );
      this.#table.add(name, value);
      const nameEnd = nameIndex > 0 ? end : writeShortestString(name, out, end);
      return writeShortestString(value, out, nameEnd);
    }
    // Values that change each time are sent without Huffman code: for a traceparent it would save 16 of 55 bytes,
    // and cost 160 ns more to write and as much to read (Node 26).
    const pattern = known?.indexing === "never" ? neverIndexedPattern : withoutIndexingPattern;
    const end = writeInteger(out, at, pattern, literalBits, nameIndex);
    const nameEnd = nameIndex > 0 ? end : writePlainString(name, out, end);
    return writePlainString(value, out, nameEnd);
  }

  #shouldIndex(
    name: string,
    value: string,
    known: NameEntry | undefined,
    nameIndex: number,
  ): boolean {
    const size = entrySize(name, value);
    if (size > this.#table.maxSize * maxEntryShare) return false;
    if (known !== undefined && known.indexing !== "index") {
      return known.indexing === "literal" && nameIndex === 0 && size <= maxNameEntryBytes;
    }
    return this.#seenValueHashes.testAndAdd(hashOf(value));
  }
}

function hashOf(text: string): number {
  let hash = text.length;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** An upper bound, in bytes, of an encoded block. */
export function maxEncodedBytes(fields: HeaderFields): number {
  // Two size updates; and for each string its length, and its share of the octets before it.
  let bound = 12;
  for (let i = 0; i < fields.length; i++) bound += (fields[i] ?? "").length + 7;
  return bound;
}
