import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testDatabase } from "@plaza/kit/testing/db";
import { addMs, dayMs, minuteMs } from "../domain/time.ts";
import { createSigningKeys } from "./signing-keys.ts";

const migrations = new URL("../migrations/", import.meta.url);

describe("createSigningKeys", () => {
  const db = testDatabase(migrations);

  it("creates one key for several processes", async () => {
    await db()`delete from signing_key`;
    const start = new Date();
    // Their clocks differ by up to 8 s.
    const processes = Array.from({ length: 8 }, (_, n) =>
      createSigningKeys(db(), () => addMs(start, -n * 1_000)),
    );
    const signing = await Promise.all(processes.map((keys) => keys.currentKey()));
    assert.equal(new Set(signing.map(({ kid }) => kid)).size, 1);
    assert.equal((await processes[0]?.publicKeys())?.length, 1);
  });

  it("rotates keys every 30 days: published an hour before, kept until their tokens have expired", async () => {
    await db()`delete from signing_key`;
    const start = new Date();
    let time = start;
    const keys = createSigningKeys(db(), () => time);
    const at = async (ms: number) => {
      time = addMs(start, ms);
      const published = (await keys.publicKeys()).map(({ kid }) => kid);
      return { signing: (await keys.currentKey()).kid, published };
    };

    const first = await at(0);
    assert.deepEqual(await at(30 * dayMs - 62 * minuteMs), first);

    const announced = await at(30 * dayMs - 59 * minuteMs);
    assert.equal(announced.signing, first.signing);
    assert.equal(announced.published.length, 2);

    const changed = await at(30 * dayMs + 2 * minuteMs);
    assert.equal(changed.signing, announced.published[1]);
    assert.deepEqual(changed.published, announced.published);

    assert.deepEqual(await at(30 * dayMs + 20 * minuteMs), {
      signing: changed.signing,
      published: [changed.signing],
    });
  });

  it("keeps signing with the old key for an hour after a long pause", async () => {
    await db()`delete from signing_key`;
    const first = await createSigningKeys(db(), () => new Date()).currentKey();
    const later = createSigningKeys(db(), () => addMs(new Date(), 90 * dayMs));
    assert.equal((await later.currentKey()).kid, first.kid);
    assert.equal((await later.publicKeys()).length, 2);
  });

  it("retries after the database was unavailable", async () => {
    let isDown = true;
    const flaky = new Proxy(db(), {
      apply: (target, self, args) =>
        isDown ? Promise.reject(new Error("down")) : Reflect.apply(target, self, args),
    });
    const keys = createSigningKeys(flaky, () => new Date());
    await assert.rejects(keys.currentKey(), /down/);
    isDown = false;
    await keys.currentKey();
  });
});
