import { type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet } from "jose";

/** Finds the key that a token names, as jose's functions take it. */
export type JwtKeyResolver = (
  ...named: Parameters<ReturnType<typeof createLocalJWKSet>>
) => Promise<CryptoKey>;

const maxAgeMs = 10 * 60_000;
// A token that names a key we lack makes us ask auth again, but a flood of such tokens must not
// become a flood of questions.
const cooldownMs = 30_000;

/**
 * A set of public keys that is read when first needed, when it is 10 minutes old, and, once in 30
 * seconds at most, when a token names a key that is not in it. While a new one cannot be read the old
 * one serves. Rejects with what `read` rejects with when there is none yet.
 */
export function cachedJwks(fetchJwks: () => Promise<JSONWebKeySet>): JwtKeyResolver {
  let current: JwtKeyResolver | undefined;
  let reading: Promise<JwtKeyResolver> | undefined;
  let readAt = 0;
  let askedAt = 0;

  function ask(): Promise<JwtKeyResolver> {
    if (!reading) {
      askedAt = Date.now();
      reading = fetchKeySet(fetchJwks).finally(() => {
        reading = undefined;
      });
    }
    return reading.then((set) => {
      current = set;
      readAt = Date.now();
      return set;
    });
  }

  async function usual(): Promise<JwtKeyResolver> {
    if (!current) return ask();
    const old = current;
    const now = Date.now();
    const isDue = now - readAt >= maxAgeMs && now - askedAt >= cooldownMs;
    return isDue ? ask().catch(() => old) : old;
  }

  return async (header, token) => {
    const set = await usual();
    try {
      return await set(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // Somebody else may be reading the very key that we lack.
      if (!reading && set === current && Date.now() - askedAt < cooldownMs) throw error;
      const fresh = set === current ? await ask() : (current ?? set);
      return fresh(header, token);
    }
  };
}

async function fetchKeySet(read: () => Promise<JSONWebKeySet>): Promise<JwtKeyResolver> {
  const keys = await read();
  try {
    return createLocalJWKSet(keys);
  } catch (cause) {
    // Its own error is of the kind that bad tokens cause.
    throw new Error("auth answered no usable key set", { cause });
  }
}
