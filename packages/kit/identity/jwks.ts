import {
  type CryptoKey,
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from "jose";

/** Reads the public keys of access tokens from auth. The signal aborts when the read takes too long. */
export type FetchJwks = (signal: AbortSignal) => Promise<JSONWebKeySet>;

/** Resolves the key that a token's header names; an argument of jose's functions. */
export type JwtKeyResolver = (...args: Parameters<JWTVerifyGetKey>) => Promise<CryptoKey>;

/** Deadline of one read of the key set. */
export const jwksTimeoutMs = 5_000;

const maxAgeMs = 10 * 60_000;
// Bounds the reads that tokens with unknown key ids can cause.
const cooldownMs = 30_000;
// jose wants one to pass to fetch; `fetchJwks` has no use for it.
const unusedUrl = new URL("plaza:jwks");

/** Carries an error of `fetchJwks` through jose, which would make a JOSE error of a TimeoutError. */
class FetchError extends Error {}

/**
 * Resolves the key of a token from a cached key set (RFC 7517). The set is fetched on first use, when it is
 * 10 minutes old, and when a token names an unknown key, but for that at most every 30 seconds. While
 * fetching fails, the last set is used on (stale-if-error, RFC 5861) and fetched again every 30 seconds;
 * when there is none yet, the resolver rejects with the error of `fetchJwks`. Such an error must not be a
 * JOSE error, which stands for a bad token.
 */
export function cachedJwks(fetchJwks: FetchJwks): JwtKeyResolver {
  let lastKeySet: JSONWebKeySet | undefined;
  let failedAt = Number.POSITIVE_INFINITY;

  async function fetchOrReuse(signal: AbortSignal): Promise<Response> {
    try {
      lastKeySet = assertUsable(await fetchJwks(signal));
      failedAt = Number.POSITIVE_INFINITY;
    } catch (cause) {
      if (!lastKeySet) throw new FetchError("cannot fetch the key set", { cause });
      failedAt = Date.now();
    }
    return Response.json(lastKeySet);
  }

  const resolve = createRemoteJWKSet(unusedUrl, {
    [customFetch]: (_url, { signal }) => fetchOrReuse(signal),
    timeoutDuration: jwksTimeoutMs,
    cacheMaxAge: maxAgeMs,
    cooldownDuration: cooldownMs,
  });

  return async (header, token) => {
    // To jose a reused set is a fetched one, and good for another 10 minutes.
    if (Date.now() - failedAt >= cooldownMs) void resolve.reload();
    try {
      return await resolve(header, token);
    } catch (error) {
      throw error instanceof FetchError ? error.cause : error;
    }
  };
}

function assertUsable(keySet: JSONWebKeySet): JSONWebKeySet {
  try {
    createLocalJWKSet(keySet);
    return keySet;
  } catch (cause) {
    throw new Error("auth returned no usable key set", { cause });
  }
}
