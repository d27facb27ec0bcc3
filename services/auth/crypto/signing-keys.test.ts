import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testDatabase } from "@plaza/kit/testing/db";
import { after, day, minute } from "../domain/account.ts";
import { signingKeys } from "./signing-keys.ts";

const migrations = new URL("../migrations/", import.meta.url);

describe("signingKeys", () => {
  const db = testDatabase(migrations);

  it("makes one key, whichever process asks first", async () => {
    await db()`delete from signing_key`;
    const start = new Date();
    // Their clocks differ by up to 8 s.
    const processes = Array.from({ length: 8 }, (_, n) =>
      signingKeys(db(), () => after(start, -n * 1_000)),
    );
    const signing = await Promise.all(processes.map((keys) => keys.signing()));
    assert.equal(new Set(signing.map(({ kid }) => kid)).size, 1);
    assert.equal((await processes[0]?.published())?.length, 1);
  });

  it("replaces a key every 30 days: published an hour before, kept until its tokens expired", async () => {
    await db()`delete from signing_key`;
    const start = new Date();
    let time = start;
    const keys = signingKeys(db(), () => time);
    const at = async (ms: number) => {
      time = after(start, ms);
      const published = (await keys.published()).map(({ kid }) => kid);
      return { signing: (await keys.signing()).kid, published };
    };

    const first = await at(0);
    assert.deepEqual(await at(30 * day - 62 * minute), first);

    const announced = await at(30 * day - 59 * minute);
    assert.equal(announced.signing, first.signing);
    assert.equal(announced.published.length, 2);

    const changed = await at(30 * day + 2 * minute);
    assert.equal(changed.signing, announced.published[1]);
    assert.deepEqual(changed.published, announced.published);

    assert.deepEqual(await at(30 * day + 20 * minute), {
      signing: changed.signing,
      published: [changed.signing],
    });
  });

  it("goes on with the old key for an hour after a long sleep", async () => {
    await db()`delete from signing_key`;
    const first = await signingKeys(db(), () => new Date()).signing();
    const later = signingKeys(db(), () => after(new Date(), 90 * day));
    assert.equal((await later.signing()).kid, first.kid);
    assert.equal((await later.published()).length, 2);
  });

  it("asks again when the database was out of reach", async () => {
    let isDown = true;
    const flaky = new Proxy(db(), {
      apply: (target, self, args) =>
        isDown ? Promise.reject(new Error("down")) : Reflect.apply(target, self, args),
    });
    const keys = signingKeys(flaky, () => new Date());
    await assert.rejects(keys.signing(), /down/);
    isDown = false;
    await keys.signing();
  });
});
