import { Fault } from "@plaza/kit/errors/fault";
import { createAuthenticator, tokenIssuer } from "@plaza/kit/identity/authenticator";
import { type AccountCaller, accessTokenTtlMs } from "@plaza/kit/identity/caller";
import { decodeJwt, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import { addMs, minuteMs } from "../domain/time.ts";
import { newSecret } from "./secrets.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** Issues and verifies access tokens: JWTs by RFC 9068, signed with EdDSA. */
export type AccessTokens = {
  /** A token for the session, valid for 9 to 10 minutes: tokens are reused for a minute. */
  issue(account: AccountCaller): Promise<string>;
  /** The account of the token and when it expires; undefined when the token is not valid. */
  verify(token: string): Promise<{ account: AccountCaller; expireTime: Date } | undefined>;
};

type CachedToken = { readonly token: Promise<string>; readonly issueTime: Date };

const jwtPattern = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export const accessTokenTtlSeconds = accessTokenTtlMs / 1_000;

export function createAccessTokens(keys: SigningKeys, now: () => Date): AccessTokens {
  const cache = new LRUCache<string, CachedToken>({ max: 20_000 });
  // Tokens of services are not verified here, so any key will do.
  const { authenticate } = createAuthenticator({
    serviceKey: newSecret(),
    fetchJwks: async () => ({ keys: [...(await keys.publicKeys())] as never }),
  });

  async function sign({ id, sessionId, roles }: AccountCaller, issueTime: Date): Promise<string> {
    const { kid, key } = await keys.currentKey();
    return new SignJWT({ sid: sessionId, roles: [...roles] })
      .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid })
      .setIssuer(tokenIssuer)
      .setAudience(tokenIssuer)
      .setSubject(id)
      .setIssuedAt(issueTime)
      .setExpirationTime(addMs(issueTime, accessTokenTtlMs))
      .setJti(newSecret())
      .sign(key);
  }

  return {
    issue(account) {
      const cacheKey = `${account.sessionId} ${account.roles.join()}`;
      const before = cache.get(cacheKey);
      if (before && now() < addMs(before.issueTime, minuteMs)) return before.token;
      const issueTime = now();
      const token = sign(account, issueTime);
      cache.set(cacheKey, { token, issueTime });
      token.catch(() => cache.delete(cacheKey));
      return token;
    },

    async verify(token) {
      if (!jwtPattern.test(token)) return undefined;
      try {
        const { account } = await authenticate(new Headers({ authorization: `Bearer ${token}` }));
        const { exp } = decodeJwt(token);
        return account && exp ? { account, expireTime: new Date(exp * 1_000) } : undefined;
      } catch (error) {
        if (error instanceof Fault) return undefined;
        throw error;
      }
    },
  };
}
