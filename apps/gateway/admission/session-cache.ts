import { hash } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { LRUCache } from "lru-cache";

/** The answer of auth to a valid credential. */
export type ResolvedSession = {
  readonly accessToken: string;
  readonly accountId: string;
  /** The Max-Age in seconds to set the cookie to; 0 leaves it unchanged. */
  readonly cookieMaxAge: number;
};

/** Resolves credentials of clients to access tokens. */
export type SessionCache = {
  /** Resolves a session secret or an access token; undefined when it is invalid. */
  resolve(credential: string): Promise<ResolvedSession | undefined>;
  /** Drops all entries, because sessions may have ended. */
  clear(): void;
};

const sessionTtlMs = 2_000;
const maxCredentialLength = 4_096;
const credentialPattern = /^[\w.~+/=-]+$/;

/**
 * Caches auth's answer for 2 s under the credential's hash; concurrent look-ups of a credential share one call.
 * Sessions ended through this gateway are dropped at once, those ended through another within 2 s.
 */
export function createSessionCache(
  resolveSession: (credential: string) => Promise<ResolvedSession>,
): SessionCache {
  const sessions = new LRUCache<string, Promise<ResolvedSession | undefined>>({
    max: 10_000,
    ttl: sessionTtlMs,
  });
  return {
    resolve(credential) {
      if (credential.length > maxCredentialLength || !credentialPattern.test(credential))
        return unresolved;
      const key = hash("sha256", credential, "base64");
      const found = sessions.get(key);
      if (found) return found;
      const resolving = resolveSession(credential).catch((error: unknown) => {
        if (ConnectError.from(error).code === Code.Unauthenticated) return undefined;
        if (sessions.peek(key) === resolving) sessions.delete(key);
        throw error;
      });
      sessions.set(key, resolving);
      return resolving;
    },
    clear: () => sessions.clear(),
  };
}

const unresolved = Promise.resolve(undefined);
