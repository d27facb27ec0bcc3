import { DynamicTable, entrySize } from "./dynamic-table.ts";
import { staticTable } from "./static-table.ts";

/**
 * How fields of a name are sent: `index` through the table where they repeat; `literal` with a new
 * value each time; `never` so that no intermediary indexes them either (RFC 7541, section 7.1.3).
 */
export type IndexingMode = "index" | "literal" | "never";

/** The indexes of a name in both tables. */
export interface NameEntry {
  readonly indexing: IndexingMode;
  /** The first index of the name in the static table, or 0. */
  readonly staticIndex: number;
  /**
   * The newest entry in the dynamic table, counted from the first ever added, or -1. Not maintained for names
   * of the static table, where it is not used.
   */
  newestEntry: number;
  /** For each value with an entry its number, as in `newest`, or its static index, negated. */
  readonly entriesByValue: Map<string, number>;
}

interface BuiltInNameEntry {
  readonly indexing: IndexingMode;
  readonly staticIndex: number;
  readonly entries: [value: string, negatedIndex: number][];
}

const neverIndexedNames = ["authorization", "proxy-authorization", "cookie", "set-cookie"];
const unindexedNames = [
  "content-length",
  "date",
  "grpc-message",
  "grpc-status-details-bin",
  "grpc-timeout",
  "traceparent",
  "tracestate",
];

const builtInNames = new Map<string, BuiltInNameEntry>();
staticTable.forEach(([name, value], position) => {
  const index = position + 1;
  const known = builtInNames.get(name);
  if (known !== undefined) known.entries.push([value, -index]);
  else builtInNames.set(name, toBuiltInEntry(name, index, [[value, -index]]));
});
for (const name of unindexedNames) {
  if (!builtInNames.has(name)) builtInNames.set(name, toBuiltInEntry(name, 0, []));
}

function toBuiltInEntry(
  name: string,
  staticIndex: number,
  entries: [value: string, negatedIndex: number][],
): BuiltInNameEntry {
  if (neverIndexedNames.includes(name)) return { indexing: "never", staticIndex, entries };
  return { indexing: unindexedNames.includes(name) ? "literal" : "index", staticIndex, entries };
}

/** The static table and a dynamic one, with a look-up from names and values to indexes. */
export class EncoderTable {
  readonly #table: DynamicTable;
  /** The names with a dynamic entry, and those of `builtInNames` that were looked up. */
  readonly #names = new Map<string, NameEntry>();

  /** `limit`, in bytes, is the upper bound of the dynamic table's size, and its initial value. */
  constructor(limit: number) {
    this.#table = new DynamicTable(limit);
  }

  get maxSize(): number {
    return this.#table.maxSize;
  }

  /** Looks a name up; undefined for one that is in neither table and has no special handling. */
  find(name: string): NameEntry | undefined {
    return this.#names.get(name) ?? this.#findBuiltIn(name);
  }

  #findBuiltIn(name: string): NameEntry | undefined {
    const builtIn = builtInNames.get(name);
    if (builtIn === undefined) return undefined;
    const { indexing, staticIndex, entries } = builtIn;
    const known = { indexing, staticIndex, newestEntry: -1, entriesByValue: new Map(entries) };
    this.#names.set(name, known);
    return known;
  }

  /** The index of an entry from its number in `KnownName.entries`. */
  index(entry: number): number {
    return entry < 0 ? -entry : staticTable.length + this.#table.added - entry;
  }

  /** An index with this name, or 0. */
  nameIndex(known: NameEntry | undefined): number {
    if (known === undefined) return 0;
    if (known.staticIndex > 0 || known.newestEntry < 0) return known.staticIndex;
    return this.index(known.newestEntry);
  }

  /** Adds an entry that is in neither table and fits, as the decoder does for a literal with indexing. */
  add(name: string, value: string): void {
    this.#makeRoom(this.#table.maxSize - entrySize(name, value));
    let known = this.find(name);
    if (known === undefined) {
      known = { indexing: "index", staticIndex: 0, newestEntry: -1, entriesByValue: new Map() };
      this.#names.set(name, known);
    }
    known.newestEntry = this.#table.added;
    known.entriesByValue.set(value, known.newestEntry);
    this.#table.add(name, value);
  }

  /** Sets the maximum size of the dynamic table, and evicts entries above it. */
  resize(maxSize: number): void {
    this.#makeRoom(maxSize);
    this.#table.resize(maxSize);
  }

  #makeRoom(size: number): void {
    const table = this.#table;
    while (table.length > 0 && table.size > size) {
      const oldest = table.length - 1;
      this.#forget(table.name(oldest) ?? "", table.value(oldest) ?? "");
      table.dropOldest();
    }
  }

  #forget(name: string, value: string): void {
    const known = this.#names.get(name);
    if (known === undefined) return;
    known.entriesByValue.delete(value);
    if (known.entriesByValue.size === 0) this.#names.delete(name);
  }
}
