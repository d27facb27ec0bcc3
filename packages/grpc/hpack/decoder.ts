import { BlockCache } from "./block-cache.ts";
import { DynamicTable, entrySize } from "./dynamic-table.ts";
import type { HeaderFields } from "./header-fields.ts";
import { HpackError } from "./hpack-error.ts";
import { type BlockReader, readInteger } from "./integers.ts";
import { staticTable } from "./static-table.ts";
import { readString } from "./strings.ts";

interface FieldList {
  fields: string[];
  /** In bytes, as RFC 9113 counts in section 6.5.2. */
  size: number;
}

const staticNames = staticTable.map((entry) => entry[0]);
const staticValues = staticTable.map((entry) => entry[1]);

/** Decodes the header blocks of one direction of a connection, all of them and in their order. */
export class HpackDecoder {
  /** The entries that the peer's blocks may refer to. */
  readonly table: DynamicTable;
  readonly #maxTableSize: number;
  readonly #maxListSize: number;
  readonly #cache = new BlockCache<HeaderFields>();

  /**
   * `maxTableSize` is our SETTINGS_HEADER_TABLE_SIZE in bytes, `maxListSize` the size of the largest
   * list that is accepted, in bytes as RFC 9113 counts them in section 6.5.2.
   */
  constructor(options: { maxTableSize: number; maxListSize: number }) {
    this.#maxTableSize = options.maxTableSize;
    this.#maxListSize = options.maxListSize;
    this.table = new DynamicTable(options.maxTableSize);
  }

  /**
   * Decodes one whole header block. Returns undefined for a list larger than `maxListSize`; the table is
   * updated all the same. Blocks of the same bytes may return the same array, so that callers can cache by
   * identity what they derive from it.
   *
   * Throws an HpackError when the block is malformed; the decoder must not be used afterwards.
   */
  decode(block: Uint8Array): HeaderFields | undefined {
    const known = this.#cache.find(block);
    if (known !== undefined) return known;
    const changes = this.table.changes;
    const fields = this.#decode(block);
    if (this.table.changes !== changes) this.#cache.clear();
    else if (fields !== undefined) this.#cache.store(block, fields);
    return fields;
  }

  #decode(block: Uint8Array): HeaderFields | undefined {
    const bytes = Buffer.isBuffer(block)
      ? block
      : Buffer.from(block.buffer, block.byteOffset, block.byteLength);
    const reader: BlockReader = { bytes, at: 0 };
    const list: FieldList = { fields: [], size: 0 };
    this.#readSizeUpdates(reader);
    while (reader.at < bytes.length) {
      const octet = bytes[reader.at] ?? 0;
      if (octet >= 0x80) this.#readIndexed(reader, list);
      else if ((octet & 0xe0) === 0x20) throw misplacedSizeUpdate();
      else this.#readLiteral(reader, list, octet >= 0x40);
    }
    return list.size <= this.#maxListSize ? list.fields : undefined;
  }

  /** Section 6.3; only here, at the beginning of a block, may the size change (section 4.2). */
  #readSizeUpdates(reader: BlockReader): void {
    while (((reader.bytes[reader.at] ?? 0) & 0xe0) === 0x20) {
      const size = readInteger(reader, 5);
      if (size > this.#maxTableSize) {
        throw new HpackError(
          `The table is to grow to ${size} bytes, above its limit of ${this.#maxTableSize} (RFC 7541, 6.3).`,
        );
      }
      this.table.resize(size);
    }
  }

  /** Section 6.1. */
  #readIndexed(reader: BlockReader, list: FieldList): void {
    const index = readInteger(reader, 7);
    if (index === 0) throw new HpackError("A field has index 0 (RFC 7541, 6.1).");
    const name = this.#name(index);
    const position = index - staticTable.length - 1;
    const value = (position < 0 ? staticValues[index - 1] : this.table.value(position)) ?? "";
    this.#append(list, name, value);
  }

  /** Section 6.2. The strings of a list that is too large already are not decoded. */
  #readLiteral(reader: BlockReader, list: FieldList, isForTable: boolean): void {
    const isWanted = isForTable || list.size <= this.#maxListSize;
    const index = readInteger(reader, isForTable ? 6 : 4);
    const name = index === 0 ? readString(reader, isWanted) : this.#name(index);
    const value = readString(reader, isWanted);
    if (isForTable) this.table.add(name, value);
    this.#append(list, name, value);
  }

  #name(index: number): string {
    const position = index - staticTable.length - 1;
    const name = position < 0 ? staticNames[index - 1] : this.table.name(position);
    if (name !== undefined) return name;
    throw new HpackError(
      `Index ${index} is beyond the ${staticTable.length + this.table.length} entries of the tables (RFC 7541, 2.3.3).`,
    );
  }

  #append(list: FieldList, name: string, value: string): void {
    list.size += entrySize(name, value);
    if (list.size <= this.#maxListSize) list.fields.push(name, value);
    else if (list.fields.length > 0) list.fields = [];
  }
}

function misplacedSizeUpdate(): HpackError {
  return new HpackError("The table is resized after the first field of a block (RFC 7541, 4.2).");
}
