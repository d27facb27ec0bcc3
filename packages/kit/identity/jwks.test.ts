import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { errors, exportJWK, generateKeyPair, type JWK } from "jose";
import { cachedJwks, type JwtKeyResolver } from "./jwks.ts";

const { publicKey } = await generateKeyPair("EdDSA", { extractable: true });
const jwk = await exportJWK(publicKey);
const key = (kid: string): JWK => ({ ...jwk, kid, alg: "EdDSA" });

const minute = 60_000;
let published: string[];
let reads: number;
let isAway: boolean;
let find: JwtKeyResolver;

beforeEach(() => {
  published = ["old"];
  reads = 0;
  isAway = false;
  find = cachedJwks(async () => {
    reads += 1;
    const kids = [...published];
    await Promise.resolve();
    if (isAway) throw new Error("auth is away");
    return { keys: kids.map(key) };
  });
});

const findByKid = (kid: string) => find({ alg: "EdDSA", kid }, {} as never);

describe("rememberedKeys", () => {
  it("reads the keys once, when the first is asked for", async () => {
    await Promise.all([findByKid("old"), findByKid("old"), findByKid("old")]);
    await findByKid("old");
    assert.equal(reads, 1);
  });

  it("reads them again for a key that it lacks, once in 30 seconds at most", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    await findByKid("old");
    t.mock.timers.tick(minute);
    published.push("new");
    await findByKid("new");
    assert.equal(reads, 2);

    for (let n = 0; n < 1_000; n += 1) {
      await assert.rejects(findByKid(`forged${n}`), errors.JWKSNoMatchingKey);
    }
    assert.equal(reads, 2);

    t.mock.timers.tick(minute / 2);
    await assert.rejects(findByKid("forged"), errors.JWKSNoMatchingKey);
    await assert.rejects(findByKid("forged"), errors.JWKSNoMatchingKey);
    assert.equal(reads, 3);
  });

  it("serves all who ask for a new key at once with one read", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    await findByKid("old");
    t.mock.timers.tick(minute);
    published.push("new");
    await Promise.all(Array.from({ length: 50 }, () => findByKid("new")));
    assert.equal(reads, 2);
  });

  it("forgets a key that was withdrawn, within 10 minutes", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    await findByKid("old");
    published = ["new"];
    t.mock.timers.tick(10 * minute);
    await assert.rejects(findByKid("old"), errors.JWKSNoMatchingKey);
  });

  it("goes on with the keys it has while auth is away, and asks again every 30 seconds", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    await findByKid("old");
    isAway = true;
    t.mock.timers.tick(10 * minute);
    for (let n = 0; n < 100; n += 1) await findByKid("old");
    assert.equal(reads, 2);

    t.mock.timers.tick(minute);
    isAway = false;
    published = ["new"];
    await findByKid("new");
    assert.equal(reads, 3);
  });

  it("asks again at the next call when it has no keys yet", async () => {
    isAway = true;
    await assert.rejects(findByKid("old"), /auth is away/);
    isAway = false;
    await findByKid("old");
    assert.equal(reads, 2);
  });
});
