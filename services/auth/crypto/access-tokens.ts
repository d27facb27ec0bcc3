import { Fault } from "@plaza/kit/errors/fault";
import { createAuthenticator, tokenIssuer } from "@plaza/kit/identity/authenticator";
import type { AccountCaller } from "@plaza/kit/identity/caller";
import { decodeJwt, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import { addMs, minuteMs } from "../domain/time.ts";
import { newSecret } from "./secrets.ts";
import { accessTokenTtlMs, type SigningKeys } from "./signing-keys.ts";

/** Makes and reads access tokens: JWTs as RFC 9068 has them, signed with EdDSA. */
export type AccessTokens = {
  /** A token for the session, good for 9 to 10 minutes: one made within the last minute will do. */
  issue(account: AccountCaller): Promise<string>;
  /** Who the token was made for, and until when; undefined when it is not a token in force. */
  verify(token: string): Promise<{ account: AccountCaller; expireTime: Date } | undefined>;
};

type CachedToken = { readonly token: Promise<string>; readonly issueTime: Date };

const jwtPattern = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export const accessTokenTtlSeconds = accessTokenTtlMs / 1_000;

export function createAccessTokens(keys: SigningKeys, now: () => Date): AccessTokens {
  const minted = new LRUCache<string, CachedToken>({ max: 20_000 });
  // Reads no tokens of services, so no key of theirs is needed.
  const { authenticate } = createAuthenticator({
    serviceKey: newSecret(),
    fetchJwks: async () => ({ keys: [...(await keys.publicKeys())] as never }),
  });

  async function sign({ id, sessionId, roles }: AccountCaller, mintTime: Date): Promise<string> {
    const { kid, key } = await keys.currentKey();
    return new SignJWT({ sid: sessionId, roles: [...roles] })
      .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid })
      .setIssuer(tokenIssuer)
      .setAudience(tokenIssuer)
      .setSubject(id)
      .setIssuedAt(mintTime)
      .setExpirationTime(addMs(mintTime, accessTokenTtlMs))
      .setJti(newSecret())
      .sign(key);
  }

  return {
    issue(account) {
      const name = `${account.sessionId} ${account.roles.join()}`;
      const before = minted.get(name);
      if (before && now() < addMs(before.issueTime, minuteMs)) return before.token;
      const issueTime = now();
      const token = sign(account, issueTime);
      minted.set(name, { token, issueTime });
      token.catch(() => minted.delete(name));
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
