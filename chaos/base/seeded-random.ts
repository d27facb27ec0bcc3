/** Numbers that a seed determines, so that a run can be repeated. */
export type Random = {
  /** From 0 up to but not including `below`. */
  below(below: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
};

/** A generator of numbers after mulberry32, which is quick and good enough to choose faults by. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, pick: (items) => items[below(items.length)] ?? items[0] };
}
