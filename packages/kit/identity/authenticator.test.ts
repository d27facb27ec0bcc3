import assert from "node:assert/strict";
import { beforeEach, describe, it, mock } from "node:test";
import {
  exportJWK,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from "jose";
import { Fault } from "../errors/fault.ts";
import {
  type Authenticator,
  createAuthenticator,
  serviceTokenHeader,
  tokenIssuer,
} from "./authenticator.ts";
import { anonymousCaller, type Caller } from "./caller.ts";
import { Revocations } from "./revocations.ts";

const serviceKey = "a secret that all processes share";
const account = { id: "0190163d", sessionId: "s1", roles: ["member"] };
const first = await generateKeyPair("EdDSA", { extractable: true });
const second = await generateKeyPair("EdDSA", { extractable: true });
const published = [{ ...(await exportJWK(first.publicKey)), kid: "first", alg: "EdDSA" }];

let reads: number;
let identity: Authenticator;
beforeEach(() => {
  reads = 0;
  identity = createAuthenticator({
    serviceKey,
    fetchJwks: async () => {
      reads += 1;
      return { keys: published };
    },
  });
});

type TokenOverrides = {
  header?: Partial<JWTHeaderParameters>;
  payload?: JWTPayload;
  key?: Parameters<SignJWT["sign"]>[0];
};

/** An access token like those of auth, with overrides. */
function accessToken({
  header,
  payload,
  key = first.privateKey,
}: TokenOverrides = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: tokenIssuer, aud: tokenIssuer, sub: account.id, exp: now + 600 };
  return new SignJWT({ ...claims, sid: account.sessionId, roles: account.roles, ...payload })
    .setProtectedHeader({ alg: "EdDSA", kid: "first", typ: "at+jwt", ...header })
    .sign(key);
}

const asBearer = (token: string) => new Headers({ authorization: `Bearer ${token}` });

async function reasonOf(headers: Headers, by = identity): Promise<string> {
  try {
    return JSON.stringify(await by.authenticate(headers));
  } catch (error) {
    assert.ok(error instanceof Fault);
    assert.equal(error.kind, "unauthenticated");
    return error.reason;
  }
}

describe("authenticate", () => {
  it("authenticates a valid token; no token is anonymous", async () => {
    const caller = await identity.authenticate(asBearer(await accessToken()));
    assert.deepEqual(caller.account, account);
    assert.equal(await identity.authenticate(new Headers()), anonymousCaller);
  });

  it("returns frozen callers", async () => {
    const { account: known } = await identity.authenticate(asBearer(await accessToken()));
    assert.ok(Object.isFrozen(known) && Object.isFrozen(known?.roles));
  });

  const unsigned = (payload: object) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    return `${part({ alg: "none", kid: "first", typ: "at+jwt" })}.${part(payload)}.`;
  };
  const hour = 3_600;
  const now = Math.floor(Date.now() / 1_000);
  const bad: [string, () => string | Promise<string>][] = [
    ["that is no token", () => "x"],
    ["without a signature", () => unsigned({ iss: tokenIssuer, aud: tokenIssuer, sub: "a" })],
    ["signed by another key", () => accessToken({ key: second.privateKey })],
    ["with an unknown key id", () => accessToken({ header: { kid: "other" } })],
    [
      "signed with the public key as a secret",
      () =>
        accessToken({
          header: { alg: "HS256" },
          key: new TextEncoder().encode(JSON.stringify(published[0])),
        }),
    ],
    ["by another issuer", () => accessToken({ payload: { iss: "evil" } })],
    ["for another audience", () => accessToken({ payload: { aud: "service" } })],
    ["of another type", () => accessToken({ header: { typ: "JWT" } })],
    ["that has expired", () => accessToken({ payload: { exp: now - hour } })],
    ["without an end", () => accessToken({ payload: { exp: undefined } as never })],
    ["without an account", () => accessToken({ payload: { sub: "" } })],
    ["without a session", () => accessToken({ payload: { sid: undefined } })],
    ["with roles that are no texts", () => accessToken({ payload: { roles: [1] } })],
    [
      "with a changed payload",
      async () => {
        const [header, , signature] = (await accessToken()).split(".");
        const [, payload] = (await accessToken({ payload: { roles: ["admin"] } })).split(".");
        return `${header}.${payload}.${signature}`;
      },
    ],
    ["that is endless", () => "x".repeat(100_000)],
    ["that is really a service's", () => identity.serviceToken("posts")],
  ];
  for (const [name, make] of bad) {
    it(`refuses a token ${name}, twice`, async () => {
      const headers = asBearer(await make());
      assert.equal(await reasonOf(headers), "INVALID_TOKEN");
      assert.equal(await reasonOf(headers), "INVALID_TOKEN");
    });
  }

  it("refuses other authentication schemes", async () => {
    for (const authorization of ["Basic YTpi", "Bearer", "Bearer a b", "Bearer ü"]) {
      assert.equal(await reasonOf(new Headers({ authorization })), "INVALID_TOKEN");
    }
  });

  it("verifies a token once, until it expires", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    const headers = asBearer(await accessToken());
    const verifying = identity.authenticate(headers);
    assert.ok(verifying instanceof Promise);
    await verifying;
    assert.ok(!(identity.authenticate(headers) instanceof Promise));

    t.mock.timers.tick(601_000);
    assert.equal(await reasonOf(headers), "INVALID_TOKEN");
  });

  it("refuses a bad token again without verifying it", async () => {
    const headers = asBearer(await accessToken({ key: second.privateKey }));
    await reasonOf(headers);
    assert.throws(() => identity.authenticate(headers), Fault);
  });
});

describe("authenticate, for services", () => {
  const from = (token: string, authorization?: string) =>
    new Headers({ [serviceTokenHeader]: token, ...(authorization && { authorization }) });

  it("authenticates a service, and the account on whose behalf it calls", async () => {
    const token = await identity.serviceToken("posts");
    assert.deepEqual(await identity.authenticate(from(token)), { service: "posts" });

    const both = from(token, `Bearer ${await accessToken()}`);
    const caller = await identity.authenticate(both);
    assert.deepEqual([caller.service, caller.account], ["posts", account]);
    assert.equal(await identity.authenticate(both), await identity.authenticate(both));
  });

  it("issues one token for many calls", async () => {
    assert.equal(await identity.serviceToken("posts"), await identity.serviceToken("posts"));
    assert.notEqual(await identity.serviceToken("posts"), await identity.serviceToken("users"));
  });

  it("renews the token before it expires", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    const before = await identity.serviceToken("posts");
    t.mock.timers.tick(6 * 60_000);
    const after = await identity.serviceToken("posts");
    assert.notEqual(after, before);

    t.mock.timers.tick(9 * 60_000);
    assert.equal(await reasonOf(from(before)), "INVALID_SERVICE_TOKEN");
    assert.deepEqual(await identity.authenticate(from(after)), { service: "posts" });
  });

  it("refuses an unsigned token, and one signed with another key", async () => {
    const stranger = createAuthenticator({
      serviceKey: `${serviceKey}!`,
      fetchJwks: async () => ({ keys: [] }),
    });
    for (const token of ["posts", await stranger.serviceToken("posts")]) {
      assert.equal(await reasonOf(from(token)), "INVALID_SERVICE_TOKEN");
    }
  });

  it("refuses an access token as a service token, also a cached one", async () => {
    const token = await accessToken();
    await identity.authenticate(asBearer(token));
    assert.equal(await reasonOf(from(token)), "INVALID_SERVICE_TOKEN");
  });

  it("refuses a service token as an access token, also a cached one", async () => {
    const token = await identity.serviceToken("posts");
    await identity.authenticate(from(token));
    assert.equal(await reasonOf(asBearer(token)), "INVALID_TOKEN");
  });

  it("refuses a valid token next to an invalid one of the other kind", async () => {
    const good = await identity.serviceToken("posts");
    assert.equal(await reasonOf(from(good, "Bearer x")), "INVALID_TOKEN");
    assert.equal(
      await reasonOf(from("x", `Bearer ${await accessToken()}`)),
      "INVALID_SERVICE_TOKEN",
    );
  });
});

describe("authenticate, with what auth has taken back", () => {
  const revocations = new Revocations();
  const strict = createAuthenticator({
    serviceKey,
    fetchJwks: async () => ({ keys: published }),
    revocations,
  });
  const admin = { sid: "of an admin", roles: ["member", "admin"], sub: "admin" };

  it("waits until that is known, and refuses or limits tokens that were verified before", async () => {
    const headers = asBearer(await accessToken({ payload: admin }));
    const waiting = strict.authenticate(headers);
    revocations.markRead();
    const caller = await waiting;
    assert.deepEqual(caller.account?.roles, ["member", "admin"]);
    assert.equal(strict.authenticate(headers), caller);
    revocations.limitRoles("admin", ["member"]);
    const limited = await strict.authenticate(headers);
    assert.deepEqual(limited, { ...caller, account: { ...caller.account, roles: ["member"] } });
    revocations.end("of an admin");
    assert.equal(await reasonOf(headers, strict), "INVALID_SESSION");
    headers.set(serviceTokenHeader, await strict.serviceToken("posts"));
    assert.equal(await reasonOf(headers, strict), "INVALID_SESSION");
  });

  it("tells when a token is taken back or expires", async () => {
    const watched: Caller = { account, expiresAt: Date.now() + 3_600_000 };
    const changed = new Promise<void>((resolve) => {
      const stop = strict.watch(watched, () => {
        stop();
        resolve();
      });
    });
    revocations.end(account.sessionId);
    await changed;
    await new Promise<void>((resolve) => {
      strict.watch({ account, expiresAt: Date.now() }, resolve);
    });
    strict.watch(anonymousCaller, () => assert.fail("nothing can change"))();
  });
});

describe("authenticate, with the keys of auth", () => {
  it("fetches them once for many tokens", async () => {
    const tokens = await Promise.all(
      Array.from({ length: 20 }, (_, n) => accessToken({ payload: { sid: `s${n}` } })),
    );
    await Promise.all(tokens.map((token) => identity.authenticate(asBearer(token))));
    assert.equal(reads, 1);
  });

  it("does not blame the token when auth is down or returns an invalid key set", async () => {
    const away = new Error("auth is away");
    const headers = asBearer(await accessToken());
    const fetchJwks = mock.fn<() => Promise<never>>(() => Promise.reject(away));
    const alone = createAuthenticator({ serviceKey, fetchJwks });
    await assert.rejects(async () => alone.authenticate(headers), away);

    fetchJwks.mock.mockImplementation(async () => ({ nonsense: true }) as never);
    await assert.rejects(async () => alone.authenticate(headers), /no usable key set/);

    fetchJwks.mock.mockImplementation(async () => ({ keys: published }) as never);
    const caller: Caller = await alone.authenticate(headers);
    assert.equal(caller.account?.id, account.id);
  });
});
