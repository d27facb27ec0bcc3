import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testDatabase } from "@plaza/kit/testing/db";
import { addressKey, createLoginThrottle, loginKey, type ThrottleKey } from "./login-throttle.ts";

describe("createLoginThrottle", () => {
  const db = testDatabase(new URL("./migrations/", import.meta.url));
  const make = () => createLoginThrottle(db(), () => new Date());

  /** How many of the guesses, each made in one of several processes, were made at all. */
  async function wrongGuesses(
    count: number,
    targets: (n: number) => ThrottleKey[],
  ): Promise<number> {
    const processes = [make(), make(), make()];
    let made = 0;
    const check = async () => {
      made += 1;
      return false;
    };
    const guess = (n: number) => processes[n % 3]?.attempt(targets(n), check, Boolean);
    const settled = await Promise.allSettled(Array.from({ length: count }, (_, n) => guess(n)));
    const refused = settled.filter(({ status }) => status === "rejected").length;
    assert.equal(made + refused, count);
    return made;
  }

  it("counts attempts at one account over all processes", async () => {
    assert.equal(await wrongGuesses(60, () => [loginKey("ada")]), 10);
  });

  it("counts attempts from one address, and does not count blocked ones at the account", async () => {
    const rows = async () => (await db()`select from guess`).length;
    const before = await rows();
    const spray = (n: number) => [loginKey(`login${n}`), addressKey("192.0.2.1")];
    assert.equal(await wrongGuesses(160, spray), 100);
    assert.equal((await rows()) - before, 1 + 100);
  });

  it("does not count an attempt that could not be made", async () => {
    const failing = () => Promise.reject(new Error("out of memory"));
    for (let n = 0; n < 20; n += 1) {
      await assert.rejects(make().attempt([loginKey("bruno")], failing, Boolean), /out of memory/);
    }
    assert.equal(await wrongGuesses(20, () => [loginKey("bruno")]), 10);
  });
});
