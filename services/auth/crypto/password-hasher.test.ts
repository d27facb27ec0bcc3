import assert from "node:assert/strict";
import { argon2Sync } from "node:crypto";
import { describe, it } from "node:test";
import { Fault } from "@plaza/kit/errors/fault";
import { argon2Hasher, owaspParams } from "./password-hasher.ts";

const password = "correct battery 7";
const quick = argon2Hasher({ memoryKiB: 8, passes: 1 });

describe("argon2Hasher", () => {
  it("costs at least what OWASP recommends by default", async () => {
    const hasher = argon2Hasher();
    const stored = await hasher.hash(password);
    const form = /^\$argon2id\$v=19\$m=47104,t=1,p=1\$([\w+/]{22})\$([\w+/]{43})$/;
    const [, nonce = "", tag = ""] = form.exec(stored) ?? assert.fail(stored);
    const expected = argon2Sync("argon2id", {
      message: password,
      nonce: Buffer.from(nonce, "base64"),
      parallelism: 1,
      tagLength: 32,
      memory: owaspParams.memoryKiB,
      passes: owaspParams.passes,
    });
    assert.equal(tag, expected.toString("base64").replace("=", ""));
    assert.equal(await hasher.verify(password, stored), true);
  });

  it("verifies a password, and refuses others and none", async () => {
    const stored = await quick.hash(password);
    assert.equal(await quick.verify(password, stored), true);
    assert.equal(await quick.verify(`${password} `, stored), false);
    assert.equal(await quick.verify("", stored), false);
    assert.equal(await quick.verify(password, undefined), false);
    assert.notEqual(await quick.hash(password), stored);
  });

  it("uses all of a long password", async () => {
    const long = "a".repeat(200);
    const stored = await quick.hash(long);
    assert.equal(await quick.verify(`${long.slice(0, -1)}b`, stored), false);
  });

  it("treats all Unicode forms of a password as equal", async () => {
    const stored = await quick.hash("Ångström".normalize("NFD"));
    assert.equal(await quick.verify("Ångström".normalize("NFC"), stored), true);
  });

  it("verifies with the parameters of the hash, and reports when those are outdated", async () => {
    const stored = await argon2Hasher({ memoryKiB: 16, passes: 2 }).hash(password);
    assert.equal(await quick.verify(password, stored), true);
    assert.equal(quick.needsRehash(stored), true);
    assert.equal(quick.needsRehash(await quick.hash(password)), false);
  });

  it("refuses when the queue is full", async () => {
    const many = await Promise.allSettled(Array.from({ length: 100 }, () => quick.hash(password)));
    const refusals = many.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    assert.ok(refusals.length > 0 && refusals.length < 60, String(refusals.length));
    for (const error of refusals) {
      assert.ok(error instanceof Fault && error.reason === "OVERLOADED");
      assert.equal(error.kind, "exhausted");
    }
  });
});
