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

/** The result of resolving a credential. */
export type Resolution = {
  /** Undefined when the credential is invalid. */
  readonly session: Promise<ResolvedSession | undefined>;
  /** Whether resolving the credential again would give this result; costs one look-up. */
  isCurrent(): boolean;
};

/** Resolves credentials of clients to access tokens. */
export type SessionCache = {
  /** Resolves a session secret or an access token. */
  resolve(credential: string): Resolution;
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
  const resolutions = new LRUCache<string, Resolution>({ max: 10_000, ttl: sessionTtlMs });
  return {
    resolve(credential) {
      if (credential.length > maxCredentialLength || !credentialPattern.test(credential))
        return unresolved;
      const key = hash("sha256", credential, "base64");
      const found = resolutions.get(key);
      if (found) return found;
      const session = resolveSession(credential).catch((error: unknown) => {
        if (ConnectError.from(error).code === Code.Unauthenticated) return undefined;
        if (resolution.isCurrent()) resolutions.delete(key);
        throw error;
      });
      const resolution: Resolution = {
        session,
        isCurrent: () => resolutions.peek(key) === resolution,
      };
      resolutions.set(key, resolution);
      return resolution;
    },
    clear: () => resolutions.clear(),
  };
}

const unresolved: Resolution = { session: Promise.resolve(undefined), isCurrent: () => true };
