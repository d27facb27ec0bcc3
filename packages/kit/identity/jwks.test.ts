import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { errors, exportJWK, generateKeyPair, type JWK } from "jose";
import { cachedJwks, type JwtKeyResolver } from "./jwks.ts";

const { publicKey } = await generateKeyPair("EdDSA", { extractable: true });
const jwk = await exportJWK(publicKey);
const key = (kid: string): JWK => ({ ...jwk, kid, alg: "EdDSA" });

const minute = 60_000;
let published: string[];
let fetchCount: number;
let isDown: boolean;
let resolve: JwtKeyResolver;

beforeEach(() => {
  published = ["old"];
  fetchCount = 0;
  isDown = false;
  resolve = cachedJwks(async () => {
    fetchCount += 1;
    const kids = [...published];
    await Promise.resolve();
    if (isDown) throw new Error("auth is down");
    return { keys: kids.map(key) };
  });
});

const findByKid = (kid: string) => resolve({ alg: "EdDSA", kid }, {} as never);

describe("cachedJwks", () => {
  it("fetches the key set once, on first use", async () => {
    await Promise.all([findByKid("old"), findByKid("old"), findByKid("old")]);
    await findByKid("old");
    assert.equal(fetchCount, 1);
  });

  it("fetches it again for an unknown key id, at most every 30 seconds", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    await findByKid("old");
    t.mock.timers.tick(minute);
    published.push("new");
    await findByKid("new");
    assert.equal(fetchCount, 2);

    for (let n = 0; n < 1_000; n += 1) {
      await assert.rejects(findByKid(`forged${n}`), errors.JWKSNoMatchingKey);
    }
    assert.equal(fetchCount, 2);

    t.mock.timers.tick(minute / 2);
    await assert.rejects(findByKid("forged"), errors.JWKSNoMatchingKey);
    await assert.rejects(findByKid("forged"), errors.JWKSNoMatchingKey);
    assert.equal(fetchCount, 3);
  });

  it("fetches once for concurrent tokens with a new key", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    await findByKid("old");
    t.mock.timers.tick(minute);
    published.push("new");
    await Promise.all(Array.from({ length: 50 }, () => findByKid("new")));
    assert.equal(fetchCount, 2);
  });

  it("drops a withdrawn key within 10 minutes", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    await findByKid("old");
    published = ["new"];
    t.mock.timers.tick(10 * minute);
    await assert.rejects(findByKid("old"), errors.JWKSNoMatchingKey);
  });

  it("uses the last key set while auth is down, and fetches again every 30 seconds", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    await findByKid("old");
    isDown = true;
    t.mock.timers.tick(10 * minute);
    for (let n = 0; n < 100; n += 1) await findByKid("old");
    assert.equal(fetchCount, 2);

    t.mock.timers.tick(minute);
    isDown = false;
    published = ["new"];
    await findByKid("new");
    assert.equal(fetchCount, 3);
  });

  it("fetches again at the next call when it has no key set yet", async () => {
    isDown = true;
    await assert.rejects(findByKid("old"), /auth is down/);
    isDown = false;
    await findByKid("old");
    assert.equal(fetchCount, 2);
  });

  it("drops a withdrawn key 30 seconds after a failed fetch", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    await findByKid("old");
    isDown = true;
    t.mock.timers.tick(10 * minute);
    await findByKid("old");
    isDown = false;
    published = ["new"];
    t.mock.timers.tick(minute / 2);
    await findByKid("old");
    await setImmediate();
    await assert.rejects(findByKid("old"), errors.JWKSNoMatchingKey);
    assert.equal(fetchCount, 3);
  });

  it("aborts a fetch after 5 seconds, with the fetch's own error", async (t) => {
    const timeout = t.mock.method(AbortSignal, "timeout", () => AbortSignal.abort(timedOut));
    const timedOut = new DOMException("too slow", "TimeoutError");
    const slow = cachedJwks(async (signal) => signal.throwIfAborted() as never);
    await assert.rejects(slow({ alg: "EdDSA" }, {} as never), (error) => error === timedOut);
    assert.deepEqual(timeout.mock.calls[0]?.arguments, [5_000]);
  });
});
