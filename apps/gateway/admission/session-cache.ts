import { hash } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { LRUCache } from "lru-cache";

/** What auth says of a credential that is good. */
export type ResolvedSession = {
  readonly accessToken: string;
  readonly accountId: string;
  /** How long the browser should keep its cookie from now on, in seconds; 0 leaves it as it is. */
  readonly cookieMaxAge: number;
};

/** Turns credentials from outside into access tokens. */
export type SessionCache = {
  /** What a session's secret or an access token stands for; undefined when it is not valid. */
  resolve(credential: string): Promise<ResolvedSession | undefined>;
  /** Forgets what was resolved so far, because sessions may have ended. */
  clear(): void;
};

const sessionTtlMs = 2_000;
const maxCredentialLength = 4_096;
const credentialPattern = /^[\w.~+/=-]+$/;

/**
 * Remembers for two seconds what auth said of a credential, under its hash. Look-ups of one credential
 * at the same time share one question. An ended session is refused at once by the gateway through
 * which it was ended, and within two seconds by others.
 */
export function createSessionCache(
  resolveSession: (credential: string) => Promise<ResolvedSession>,
): SessionCache {
  const known = new LRUCache<string, Promise<ResolvedSession | undefined>>({
    max: 10_000,
    ttl: sessionTtlMs,
  });
  return {
    resolve(credential) {
      if (credential.length > maxCredentialLength || !credentialPattern.test(credential))
        return unresolved;
      const key = hash("sha256", credential, "base64");
      const found = known.get(key);
      if (found) return found;
      const asked = resolveSession(credential).catch((error: unknown) => {
        if (ConnectError.from(error).code === Code.Unauthenticated) return undefined;
        if (known.peek(key) === asked) known.delete(key);
        throw error;
      });
      known.set(key, asked);
      return asked;
    },
    clear: () => known.clear(),
  };
}

const unresolved = Promise.resolve(undefined);
