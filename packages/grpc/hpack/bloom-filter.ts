const filterBits = 8192;
const maxHashes = 64;

/**
 * Tells what comes again from what comes once, in one kilobyte and without keeping what came: a bit for
 * each hash, all cleared after 64 of them.
 */
export class BloomFilter {
  readonly #words = new Int32Array(filterBits / 32);
  #hashCount = 0;

  /**
   * Notes a hash of 32 bits, and answers whether it was noted lately. In fewer than one case of a hundred
   * it answers true for one that was not.
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
