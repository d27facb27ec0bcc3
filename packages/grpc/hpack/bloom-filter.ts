const filterBits = 8192;
const maxHashes = 64;

/**
 * Detects repeated hashes in one kilobyte, without storing them: a bit for each hash; all bits are cleared after 64
 * hashes.
 */
export class BloomFilter {
  readonly #words = new Int32Array(filterBits / 32);
  #hashCount = 0;

  /**
   * Adds a hash of 32 bits; returns whether it was added lately. Fewer than one result in a hundred is a false
   * positive.
   */
  testAndAdd(hash: number): boolean {
    const mixed = hash ^ (hash >>> 16);
    const at = (mixed >>> 5) & (this.#words.length - 1);
    const bit = 1 << (mixed & 31);
    const word = this.#words[at] ?? 0;
    if ((word & bit) !== 0) return true;
    if (this.#hashCount === maxHashes) {
      this.#words.fill(0);
      this.#hashCount = 0;
    }
    this.#words[at] = (this.#words[at] ?? 0) | bit;
    this.#hashCount++;
    return false;
  }
}
