import { hash } from "node:crypto";
import {
  type CryptoKey,
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  jwtVerify,
  SignJWT,
} from "jose";
import { LRUCache } from "lru-cache";
import { type AccountCaller, type Caller, nobody } from "./caller.ts";
import { Fault } from "./fault.ts";

/** The header in which a service of Plaza says who it is. The edge lets none in from outside. */
export const serviceHeader = "plaza-service";

/** Issuer and audience of Plaza's access tokens. */
export const tokenIssuer = "plaza";

/** What telling callers apart takes. */
export type IdentityOptions = {
  /** The secret that all processes of this Plaza share. */
  readonly serviceKey: string;
  /** Reads the public keys of access tokens from auth. */
  readonly keys: () => Promise<JSONWebKeySet>;
};

/** Tells who makes a call, and says who we are to others. */
export type Identity = {
  /** Who calls, by the headers of the request. Throws INVALID_TOKEN or INVALID_SERVICE_TOKEN. */
  identify(headers: Headers): Caller | Promise<Caller>;
  /** The token by which the named service makes itself known; good for minutes, so ask each time. */
  serviceToken(name: string): Promise<string>;
};

type Verified = { readonly caller: Caller; readonly expiresAt: number };

const serviceTokenMs = 10 * 60_000;
const keysMaxAgeMs = 10 * 60_000;
// A token that names a key we lack makes us ask auth again, but a flood of such tokens must not
// become a flood of questions.
const keysMinAgeMs = 30_000;

/**
 * Verifies access tokens (JWT signed with EdDSA, RFC 8725 and RFC 9068) and the tokens of services.
 * What was verified is remembered by hash until it expires, so that most calls cost a hash.
 */
export function createIdentity({ serviceKey, keys }: IdentityOptions): Identity {
  const verified = new LRUCache<string, Verified>({ max: 20_000 });
  const secret = new TextEncoder().encode(serviceKey);
  const keySet = rememberedKeys(keys);
  const ours = new Map<string, { token: Promise<string>; until: number }>();

  async function verifyAccount(token: string): Promise<Verified> {
    const options = {
      algorithms: ["EdDSA"],
      issuer: tokenIssuer,
      audience: tokenIssuer,
      typ: "at+jwt",
    };
    const { payload } = await jwtVerify(token, keySet, options).catch(refuse("INVALID_TOKEN"));
    const { sub, sid, roles, exp } = payload;
    if (!sub || typeof sid !== "string" || !isTexts(roles) || !exp) invalid("INVALID_TOKEN");
    const account: AccountCaller = Object.freeze({
      id: sub,
      sessionId: sid,
      roles: Object.freeze(roles),
    });
    return { caller: Object.freeze({ account }), expiresAt: exp * 1_000 };
  }

  async function verifyService(token: string): Promise<Verified> {
    const options = { algorithms: ["HS256"], issuer: tokenIssuer, audience: "service" };
    const { payload } = await jwtVerify(token, secret, options).catch(
      refuse("INVALID_SERVICE_TOKEN"),
    );
    if (!payload.sub || !payload.exp) invalid("INVALID_SERVICE_TOKEN");
    return { caller: Object.freeze({ service: payload.sub }), expiresAt: payload.exp * 1_000 };
  }

  function lookUp(
    token: string,
    verify: (token: string) => Promise<Verified>,
  ): Caller | Promise<Caller> {
    const key = hash("sha256", token, "base64");
    const known = verified.get(key);
    if (known && known.expiresAt > Date.now()) return known.caller;
    return verify(token).then((fresh) => {
      verified.set(key, fresh);
      return fresh.caller;
    });
  }

  return {
    identify(headers) {
      const authorization = headers.get("authorization");
      const service = headers.get(serviceHeader);
      const account = authorization ? lookUp(bearer(authorization), verifyAccount) : nobody;
      if (!service) return account;
      const known = lookUp(service, verifyService);
      if (account instanceof Promise || known instanceof Promise) {
        return Promise.all([account, known]).then(([a, s]) => join(a, s));
      }
      return join(account, known);
    },

    serviceToken(name) {
      const now = Date.now();
      const kept = ours.get(name);
      if (kept && kept.until > now) return kept.token;
      const token = new SignJWT()
        .setProtectedHeader({ alg: "HS256" })
        .setIssuer(tokenIssuer)
        .setAudience("service")
        .setSubject(name)
        .setExpirationTime(new Date(now + serviceTokenMs))
        .sign(secret);
      ours.set(name, { token, until: now + serviceTokenMs / 2 });
      return token;
    },
  };
}

type KeySet = (...lookUp: Parameters<ReturnType<typeof createLocalJWKSet>>) => Promise<CryptoKey>;

/** A key set that is read when first needed, when it is old, and when a token names an unknown key. */
function rememberedKeys(keys: () => Promise<JSONWebKeySet>): KeySet {
  let set: Promise<KeySet> | undefined;
  let readAt = 0;
  const read = () => {
    readAt = Date.now();
    const reading = keys().then(createLocalJWKSet);
    reading.catch(() => {
      set = undefined;
    });
    set = reading;
    return reading;
  };
  return async (header, token) => {
    const age = Date.now() - readAt;
    const current = await (set && age < keysMaxAgeMs ? set : read());
    try {
      return await current(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || Date.now() - readAt < keysMinAgeMs)
        throw error;
      return (await read())(header, token);
    }
  };
}

function bearer(authorization: string): string {
  const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization) ?? [];
  return token ?? invalid("INVALID_TOKEN");
}

function refuse(reason: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof errors.JOSEError || error instanceof TypeError) invalid(reason);
    throw error;
  };
}

function invalid(reason: string): never {
  throw new Fault("unauthenticated", reason, "the token is not valid, or no longer");
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

const joined = new WeakMap<Caller, Map<string, Caller>>();

// Joined callers are remembered so that they, like their parts, are made once per token.
function join(account: Caller, { service }: Caller): Caller {
  if (!service) return account;
  return joined
    .getOrInsertComputed(account, () => new Map())
    .getOrInsertComputed(service, () => Object.freeze({ ...account, service }));
}
