const entryOverhead = 32;

/** The size of a field in bytes, in a table (RFC 7541, section 4.1) and in a list (RFC 9113, section 6.5.2). */
export function entrySize(name: string, value: string): number {
  return name.length + value.length + entryOverhead;
}

/**
 * The dynamic table of one direction of a connection (RFC 7541, section 2.3.2), newest entry first.
 */
export class DynamicTable {
  /** The sum of the sizes of all entries, in bytes. */
  size = 0;
  length = 0;
  /** The number of changes: while it is the same, so is the table. */
  changes = 0;
  /** How many entries were ever added. */
  added = 0;
  maxSize: number;
  // Two ring buffers; the entry that was added as number n is at n & mask.
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  readonly #mask: number;

  /** `limit` is the upper bound of `maxSize`, and its initial value. */
  constructor(limit: number) {
    this.maxSize = limit;
    const mostEntries = Math.max(1, limit / entryOverhead);
    this.#mask = 2 ** Math.ceil(Math.log2(mostEntries)) - 1;
  }

  /** The name of the entry at `position`, 0 for the newest; undefined beyond the oldest. */
  name(position: number): string | undefined {
    if (position >= this.length) return undefined;
    return this.#names[(this.added - 1 - position) & this.#mask];
  }

  /** The value of the entry at `position`, as for `name`. */
  value(position: number): string | undefined {
    if (position >= this.length) return undefined;
    return this.#values[(this.added - 1 - position) & this.#mask];
  }

  /**
   * Adds an entry and evicts the oldest until it fits; one larger than the table empties it (section 4.4).
   */
  add(name: string, value: string): void {
    const size = entrySize(name, value);
    this.#evictTo(this.maxSize - size);
    if (size > this.maxSize) return;
    const slot = this.added & this.#mask;
    this.#names[slot] = name;
    this.#values[slot] = value;
    this.added++;
    this.length++;
    this.size += size;
    this.changes++;
  }

  /** Evicts the oldest entry. */
  dropOldest(): void {
    const slot = (this.added - this.length) & this.#mask;
    this.size -= entrySize(this.#names[slot] ?? "", this.#values[slot] ?? "");
    // An evicted string must not be kept until its place is overwritten.
    this.#names[slot] = "";
    this.#values[slot] = "";
    this.length--;
    this.changes++;
  }

  /** Sets the maximum size, and evicts the oldest entries above it (section 4.3). */
  resize(maxSize: number): void {
    if (maxSize === this.maxSize) return;
    this.maxSize = maxSize;
    this.changes++;
    this.#evictTo(maxSize);
  }

  #evictTo(size: number): void {
    while (this.length > 0 && this.size > size) this.dropOldest();
  }
}
