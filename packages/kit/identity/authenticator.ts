import { hash } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import { Fault } from "../errors/fault.ts";
import { type AccountCaller, anonymousCaller, type Caller } from "./caller.ts";
import { cachedJwks, type FetchJwks } from "./jwks.ts";

/** The header in which a service of Plaza says who it is. The edge lets none in from outside. */
export const serviceTokenHeader = "plaza-service";

/** Issuer and audience of Plaza's access tokens. */
export const tokenIssuer = "plaza";

/** What telling callers apart takes. */
export type AuthenticatorOptions = {
  /** The secret that all processes of this Plaza share. */
  readonly serviceKey: string;
  readonly fetchJwks: FetchJwks;
};

/** Tells who makes a call, and says who we are to others. */
export type Authenticator = {
  /** Who calls, by the headers of the request. Throws INVALID_TOKEN or INVALID_SERVICE_TOKEN. */
  authenticate(headers: Headers): Caller | Promise<Caller>;
  /** The token by which the named service makes itself known; good for minutes, so ask each time. */
  serviceToken(name: string): Promise<string>;
};

type VerifiedToken = { readonly caller: Caller; readonly expiresAt: number };

const serviceTokenLifetimeMs = 10 * 60_000;
const serviceTokenType = "service+jwt";
const maxTokenLength = 4_096;

/**
 * Verifies access tokens (JWT signed with EdDSA, RFC 8725 and RFC 9068) and the tokens of services.
 * What was verified is remembered by hash until it expires, so that most calls cost a hash; so is what
 * was refused, so that a client that insists costs no more.
 */
export function createAuthenticator({
  serviceKey,
  fetchJwks,
}: AuthenticatorOptions): Authenticator {
  const secret = new TextEncoder().encode(serviceKey);
  const keySet = cachedJwks(fetchJwks);
  const ours = new Map<string, { token: Promise<string>; until: number }>();

  async function verifyAccount(token: string): Promise<VerifiedToken> {
    const options = {
      algorithms: ["EdDSA"],
      issuer: tokenIssuer,
      audience: tokenIssuer,
      typ: "at+jwt",
    };
    const { payload } = await jwtVerify(token, keySet, options).catch(rejectWith("INVALID_TOKEN"));
    const { sub, sid, roles, exp } = payload;
    if (!sub || typeof sid !== "string" || !isStringArray(roles) || !exp)
      throwInvalidToken("INVALID_TOKEN");
    const account: AccountCaller = Object.freeze({
      id: sub,
      sessionId: sid,
      roles: Object.freeze(roles),
    });
    return { caller: Object.freeze({ account }), expiresAt: exp * 1_000 };
  }

  async function verifyService(token: string): Promise<VerifiedToken> {
    const options = {
      algorithms: ["HS256"],
      issuer: tokenIssuer,
      audience: "service",
      typ: serviceTokenType,
    };
    const { payload } = await jwtVerify(token, secret, options).catch(
      rejectWith("INVALID_SERVICE_TOKEN"),
    );
    if (!payload.sub || !payload.exp) throwInvalidToken("INVALID_SERVICE_TOKEN");
    return { caller: Object.freeze({ service: payload.sub }), expiresAt: payload.exp * 1_000 };
  }

  // Apart, so that a token of one kind is never taken for one of the other.
  const accountBehind = cacheVerification(verifyAccount);
  const serviceBehind = cacheVerification(verifyService);

  return {
    authenticate(headers) {
      const authorization = headers.get("authorization");
      const service = headers.get(serviceTokenHeader);
      const account = authorization ? accountBehind(parseBearer(authorization)) : anonymousCaller;
      if (!service) return account;
      const known = serviceBehind(service);
      if (account instanceof Promise || known instanceof Promise) {
        return Promise.all([account, known]).then(([a, s]) => mergeCallers(a, s));
      }
      return mergeCallers(account, known);
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
        .setExpirationTime(new Date(now + serviceTokenLifetimeMs))
        .sign(secret);
      ours.set(name, { token, until: now + serviceTokenLifetimeMs / 2 });
      return token;
    },
  };
}

/** Remembers what the verification of a token came to, under the token's hash. */
function cacheVerification(
  verify: (token: string) => Promise<VerifiedToken>,
): (token: string) => Caller | Promise<Caller> {
  const verified = new LRUCache<string, VerifiedToken>({ max: 20_000 });
  const refused = new LRUCache<string, string>({ max: 5_000 });

  return (token) => {
    const key = hash("sha256", token, "base64");
    const known = verified.get(key);
    if (known && known.expiresAt > Date.now()) return known.caller;
    const reason = refused.get(key);
    if (reason) throwInvalidToken(reason);
    return verify(token).then(
      (fresh) => {
        verified.set(key, fresh);
        return fresh.caller;
      },
      (error: unknown) => {
        if (isCacheable(error)) refused.set(key, error.reason);
        throw error;
      },
    );
  };
}

// A key that is unknown today may be known tomorrow.
function isCacheable(error: unknown): error is Fault {
  return error instanceof Fault && !(error.cause instanceof errors.JWKSNoMatchingKey);
}

function parseBearer(authorization: string): string {
  const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization) ?? [];
  return token && token.length <= maxTokenLength ? token : throwInvalidToken("INVALID_TOKEN");
}

function rejectWith(reason: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof errors.JOSEError || error instanceof TypeError)
      throwInvalidToken(reason, error);
    throw error;
  };
}

function throwInvalidToken(reason: string, cause?: unknown): never {
  throw new Fault("unauthenticated", reason, "the token is not valid, or no longer", { cause });
}

function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

const mergedCallers = new WeakMap<Caller, Map<string, Caller>>();

// Joined callers are remembered so that they, like their parts, are made once per token.
function mergeCallers(account: Caller, { service }: Caller): Caller {
  if (!service) return account;
  return mergedCallers
    .getOrInsertComputed(account, () => new Map())
    .getOrInsertComputed(service, () => Object.freeze({ ...account, service }));
}
