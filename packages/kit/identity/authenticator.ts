import { hash } from "node:crypto";
import { errors, type JSONWebKeySet, jwtVerify, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import { Fault } from "../errors/fault.ts";
import { type AccountCaller, type Caller, nobody } from "./caller.ts";
import { rememberedKeys } from "./jwks.ts";

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
const serviceTokenType = "service+jwt";
const longestToken = 4_096;

/**
 * Verifies access tokens (JWT signed with EdDSA, RFC 8725 and RFC 9068) and the tokens of services.
 * What was verified is remembered by hash until it expires, so that most calls cost a hash; so is what
 * was refused, so that a client that insists costs no more.
 */
export function createIdentity({ serviceKey, keys }: IdentityOptions): Identity {
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
    const options = {
      algorithms: ["HS256"],
      issuer: tokenIssuer,
      audience: "service",
      typ: serviceTokenType,
    };
    const { payload } = await jwtVerify(token, secret, options).catch(
      refuse("INVALID_SERVICE_TOKEN"),
    );
    if (!payload.sub || !payload.exp) invalid("INVALID_SERVICE_TOKEN");
    return { caller: Object.freeze({ service: payload.sub }), expiresAt: payload.exp * 1_000 };
  }

  // Apart, so that a token of one kind is never taken for one of the other.
  const accountBehind = remembering(verifyAccount);
  const serviceBehind = remembering(verifyService);

  return {
    identify(headers) {
      const authorization = headers.get("authorization");
      const service = headers.get(serviceHeader);
      const account = authorization ? accountBehind(bearer(authorization)) : nobody;
      if (!service) return account;
      const known = serviceBehind(service);
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
        .setProtectedHeader({ alg: "HS256", typ: serviceTokenType })
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

/** Remembers what the verification of a token came to, under the token's hash. */
function remembering(
  verify: (token: string) => Promise<Verified>,
): (token: string) => Caller | Promise<Caller> {
  const verified = new LRUCache<string, Verified>({ max: 20_000 });
  const refused = new LRUCache<string, string>({ max: 5_000 });

  return (token) => {
    const key = hash("sha256", token, "base64");
    const known = verified.get(key);
    if (known && known.expiresAt > Date.now()) return known.caller;
    const reason = refused.get(key);
    if (reason) invalid(reason);
    return verify(token).then(
      (fresh) => {
        verified.set(key, fresh);
        return fresh.caller;
      },
      (error: unknown) => {
        if (isFinal(error)) refused.set(key, error.reason);
        throw error;
      },
    );
  };
}

// A key that is unknown today may be known tomorrow.
function isFinal(error: unknown): error is Fault {
  return error instanceof Fault && !(error.cause instanceof errors.JWKSNoMatchingKey);
}

function bearer(authorization: string): string {
  const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization) ?? [];
  return token && token.length <= longestToken ? token : invalid("INVALID_TOKEN");
}

function refuse(reason: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof errors.JOSEError || error instanceof TypeError) invalid(reason, error);
    throw error;
  };
}

function invalid(reason: string, cause?: unknown): never {
  throw new Fault("unauthenticated", reason, "the token is not valid, or no longer", { cause });
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
