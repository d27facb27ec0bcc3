import { type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet } from "jose";

/** Finds the key that a token names, as jose's functions take it. */
export type FindKey = (
  ...named: Parameters<ReturnType<typeof createLocalJWKSet>>
) => Promise<CryptoKey>;

const maxAgeMs = 10 * 60_000;
// A token that names a key we lack makes us ask auth again, but a flood of such tokens must not
// become a flood of questions.
const minAgeMs = 30_000;

/**
 * A set of public keys that is read when first needed, when it is 10 minutes old, and, once in 30
 * seconds at most, when a token names a key that is not in it. While a new one cannot be read the old
 * one serves. Rejects with what `read` rejects with when there is none yet.
 */
export function rememberedKeys(read: () => Promise<JSONWebKeySet>): FindKey {
  let current: FindKey | undefined;
  let reading: Promise<FindKey> | undefined;
  let readAt = 0;
  let askedAt = 0;

  function ask(): Promise<FindKey> {
    if (!reading) {
      askedAt = Date.now();
      reading = readSet(read).finally(() => {
        reading = undefined;
      });
    }
    return reading.then((set) => {
      current = set;
      readAt = Date.now();
      return set;
    });
  }

  async function usual(): Promise<FindKey> {
    if (!current) return ask();
    const old = current;
    const now = Date.now();
    const isDue = now - readAt >= maxAgeMs && now - askedAt >= minAgeMs;
    return isDue ? ask().catch(() => old) : old;
  }

  return async (header, token) => {
    const set = await usual();
    try {
      return await set(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // Somebody else may be reading the very key that we lack.
      if (!reading && set === current && Date.now() - askedAt < minAgeMs) throw error;
      const fresh = set === current ? await ask() : (current ?? set);
      return fresh(header, token);
    }
  };
}

async function readSet(read: () => Promise<JSONWebKeySet>): Promise<FindKey> {
  const keys = await read();
  try {
    return createLocalJWKSet(keys);
  } catch (cause) {
    // Its own error is of the kind that bad tokens cause.
    throw new Error("auth answered no usable key set", { cause });
  }
}
