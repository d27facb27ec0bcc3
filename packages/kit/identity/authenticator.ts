import { hash } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import { Fault } from "../errors/fault.ts";
import { type AccountCaller, anonymousCaller, type Caller } from "./caller.ts";
import { cachedJwks, type FetchJwks } from "./jwks.ts";
import type { Revocations } from "./revocations.ts";

/** Header with the token of the calling service. The gateway strips it from requests from outside. */
export const serviceTokenHeader = "plaza-service";

/** Issuer and audience of Plaza's access tokens. */
export const tokenIssuer = "plaza";

/** Options of `createAuthenticator`. */
export type AuthenticatorOptions = {
  /** The secret that all processes of one Plaza share; signs service tokens. */
  readonly serviceKey: string;
  readonly fetchJwks: FetchJwks;
  /** What auth has taken back of access tokens; without it they are valid until they expire. */
  readonly revocations?: Revocations | undefined;
};

/** Authenticates callers and issues our own service tokens. */
export type Authenticator = {
  /**
   * Authenticates the caller by the request headers, with the roles that it has now. Throws INVALID_TOKEN,
   * INVALID_SESSION or INVALID_SERVICE_TOKEN.
   */
  authenticate(headers: Headers): Caller | Promise<Caller>;
  /**
   * Calls `onChange` when the access token of the caller expires, or when something of it is taken back. Returns
   * the function that ends this.
   */
  watch(caller: Caller, onChange: () => void): () => void;
  /** A token of the named service, valid for minutes: get it for each call. */
  serviceToken(name: string): Promise<string>;
};

type VerifiedToken = { readonly caller: Caller; readonly expiresAt: number };

const serviceTokenLifetimeMs = 10 * 60_000;
const serviceTokenType = "service+jwt";
const maxTokenLength = 4_096;

/**
 * Creates the authenticator of a process. It verifies access tokens (JWTs signed with EdDSA, RFC 8725 and
 * RFC 9068) and service tokens (HS256). Verification results are cached by token hash until expiry, so that
 * most calls cost one hash; rejections are cached too, so that a repeated bad token costs no more.
 */
export function createAuthenticator({
  serviceKey,
  fetchJwks,
  revocations,
}: AuthenticatorOptions): Authenticator {
  const secret = new TextEncoder().encode(serviceKey);
  const keySet = cachedJwks(fetchJwks);
  const serviceTokens = new Map<string, { token: Promise<string>; until: number }>();

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
    const expiresAt = exp * 1_000;
    return { caller: Object.freeze({ account, expiresAt }), expiresAt };
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

  // Separate caches, so that a token of one kind never passes for one of the other.
  const authenticateAccount = cacheVerification(verifyAccount);
  const authenticateService = cacheVerification(verifyService);

  /** A verification is cached for as long as the token is valid; what was taken back meanwhile is not in it. */
  function withoutRevoked(caller: Caller): Caller | Promise<Caller> {
    if (!caller.account || !revocations) return caller;
    const account = revocations.check(caller.account);
    if (account === caller.account) return caller;
    return account instanceof Promise
      ? account.then((checked) => Object.freeze({ ...caller, account: checked }))
      : Object.freeze({ ...caller, account });
  }

  function authenticateBearer(authorization: string): Caller | Promise<Caller> {
    const caller = authenticateAccount(parseBearer(authorization));
    return caller instanceof Promise ? caller.then(withoutRevoked) : withoutRevoked(caller);
  }

  return {
    authenticate(headers) {
      const authorization = headers.get("authorization");
      const service = headers.get(serviceTokenHeader);
      const account = authorization ? authenticateBearer(authorization) : anonymousCaller;
      if (!service) return account;
      const serviceCaller = authenticateService(service);
      if (account instanceof Promise || serviceCaller instanceof Promise) {
        return Promise.all([account, serviceCaller]).then(([a, s]) => mergeCallers(a, s));
      }
      return mergeCallers(account, serviceCaller);
    },

    watch({ account, expiresAt }, onChange) {
      if (!account) return () => undefined;
      const timer = setTimeout(onChange, (expiresAt ?? 0) - Date.now()).unref();
      const stop = revocations?.watch(account, onChange);
      return () => {
        clearTimeout(timer);
        stop?.();
      };
    },

    serviceToken(name) {
      const now = Date.now();
      const cached = serviceTokens.get(name);
      if (cached && cached.until > now) return cached.token;
      const token = new SignJWT()
        .setProtectedHeader({ alg: "HS256", typ: serviceTokenType })
        .setIssuer(tokenIssuer)
        .setAudience("service")
        .setSubject(name)
        .setExpirationTime(new Date(now + serviceTokenLifetimeMs))
        .sign(secret);
      serviceTokens.set(name, { token, until: now + serviceTokenLifetimeMs / 2 });
      return token;
    },
  };
}

/** Caches the results of `verify` by the hash of the token. */
function cacheVerification(
  verify: (token: string) => Promise<VerifiedToken>,
): (token: string) => Caller | Promise<Caller> {
  const verified = new LRUCache<string, VerifiedToken>({ max: 20_000 });
  const rejected = new LRUCache<string, string>({ max: 5_000 });

  return (token) => {
    const key = hash("sha256", token, "base64");
    const cached = verified.get(key);
    if (cached && cached.expiresAt > Date.now()) return cached.caller;
    const reason = rejected.get(key);
    if (reason) throwInvalidToken(reason);
    return verify(token).then(
      (fresh) => {
        verified.set(key, fresh);
        return fresh.caller;
      },
      (error: unknown) => {
        if (isCacheable(error)) rejected.set(key, error.reason);
        throw error;
      },
    );
  };
}

// An unknown signing key may become known when the key set is fetched again.
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
  throw new Fault("unauthenticated", reason, "the token is invalid, expired or revoked", { cause });
}

function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

const mergedCallers = new WeakMap<Caller, Map<string, Caller>>();

// Memoized, so that there is one object for each pair of tokens.
function mergeCallers(account: Caller, { service }: Caller): Caller {
  if (!service) return account;
  return mergedCallers
    .getOrInsertComputed(account, () => new Map())
    .getOrInsertComputed(service, () => Object.freeze({ ...account, service }));
}
