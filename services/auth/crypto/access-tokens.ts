import { Fault } from "@plaza/kit/errors/fault";
import { createIdentity, tokenIssuer } from "@plaza/kit/identity/authenticator";
import type { AccountCaller } from "@plaza/kit/identity/caller";
import { decodeJwt, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import { after, minute } from "../domain/account.ts";
import { newSecret } from "./secrets.ts";
import { accessTokenMs, type Keys } from "./signing-keys.ts";

/** Makes and reads access tokens: JWTs as RFC 9068 has them, signed with EdDSA. */
export type Tokens = {
  /** A token for the session, good for 9 to 10 minutes: one made within the last minute will do. */
  mint(account: AccountCaller): Promise<string>;
  /** Who the token was made for, and until when; undefined when it is not a token in force. */
  read(token: string): Promise<{ account: AccountCaller; expireTime: Date } | undefined>;
};

type Minted = { readonly token: Promise<string>; readonly mintTime: Date };

const form = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export const expiresInSeconds = accessTokenMs / 1_000;

export function accessTokens(keys: Keys, now: () => Date): Tokens {
  const minted = new LRUCache<string, Minted>({ max: 20_000 });
  // Reads no tokens of services, so no key of theirs is needed.
  const { identify } = createIdentity({
    serviceKey: newSecret(),
    keys: async () => ({ keys: [...(await keys.published())] as never }),
  });

  async function sign({ id, sessionId, roles }: AccountCaller, mintTime: Date): Promise<string> {
    const { kid, key } = await keys.signing();
    return new SignJWT({ sid: sessionId, roles: [...roles] })
      .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid })
      .setIssuer(tokenIssuer)
      .setAudience(tokenIssuer)
      .setSubject(id)
      .setIssuedAt(mintTime)
      .setExpirationTime(after(mintTime, accessTokenMs))
      .setJti(newSecret())
      .sign(key);
  }

  return {
    mint(account) {
      const name = `${account.sessionId} ${account.roles.join()}`;
      const before = minted.get(name);
      if (before && now() < after(before.mintTime, minute)) return before.token;
      const mintTime = now();
      const token = sign(account, mintTime);
      minted.set(name, { token, mintTime });
      token.catch(() => minted.delete(name));
      return token;
    },

    async read(token) {
      if (!form.test(token)) return undefined;
      try {
        const { account } = await identify(new Headers({ authorization: `Bearer ${token}` }));
        const { exp } = decodeJwt(token);
        return account && exp ? { account, expireTime: new Date(exp * 1_000) } : undefined;
      } catch (error) {
        if (error instanceof Fault) return undefined;
        throw error;
      }
    },
  };
}
