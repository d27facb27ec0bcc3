/** Random choices that come again from the same seed. */
export type FuzzRandom = {
  /** A whole number from 0 on, below `limit`. */
  below(limit: number): number;
  /** True in this share of cases, from 0 to 1. */
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  bytes(length: number): Buffer;
};

/** Makes a source of random choices (the generator is mulberry32). */
export function createFuzzRandom(seed: number): FuzzRandom {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number): number => next() % limit;
  return {
    below,
    chance: (share) => next() < share * 2 ** 32,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    bytes(length) {
      const bytes = Buffer.alloc(length);
      for (let at = 0; at < length; at++) bytes[at] = next();
      return bytes;
    },
  };
}

/** The random choices of one session. */
export function sessionRandom(seed: number, session: number): FuzzRandom {
  return createFuzzRandom(Math.imul(seed, 1_000_003) + session);
}

/** The bytes with one thing wrong: bits, values, a piece lost, doubled, put in, or the end cut off. */
export function mutateBytes(random: FuzzRandom, bytes: Uint8Array): Buffer {
  const at = random.below(bytes.length + 1);
  const length = random.below(8) + 1;
  const before = bytes.subarray(0, at);
  switch (random.below(7)) {
    case 0:
      return withByteChanged(bytes, at, (byte) => byte ^ (1 << random.below(8)));
    case 1:
      return withByteChanged(bytes, at, () =>
        random.pick([0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xff]),
      );
    case 2:
      return Buffer.from(before);
    case 3:
      return Buffer.concat([before, bytes.subarray(at + length)]);
    case 4:
      return Buffer.concat([before, bytes.subarray(at, at + length), bytes.subarray(at)]);
    case 5:
      return Buffer.concat([before, random.bytes(length), bytes.subarray(at)]);
    default:
      return Buffer.concat([before, random.bytes(length), bytes.subarray(at + length)]);
  }
}

function withByteChanged(bytes: Uint8Array, at: number, change: (byte: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  const place = Math.min(at, copy.length - 1);
  if (place >= 0) copy[place] = change(copy[place] as number);
  return copy;
}
