import assert from "node:assert/strict";
import { it } from "node:test";
import { memoizeFor } from "./memoize-ttl.ts";

it("shares a result until the TTL expires", async () => {
  let now = 0;
  let loadCount = 0;
  const read = memoizeFor(
    1_000,
    async () => ++loadCount,
    () => now,
  );
  assert.deepEqual(await Promise.all([read(), read()]), [1, 1]);
  now = 999;
  assert.equal(await read(), 1);
  now = 1_000;
  assert.deepEqual(await Promise.all([read(), read()]), [2, 2]);
});

it("shares a rejection too", async () => {
  let now = 0;
  const read = memoizeFor(
    1_000,
    () => Promise.reject(new Error(`at ${now}`)),
    () => now,
  );
  await assert.rejects(read(), /at 0/);
  now = 500;
  await assert.rejects(read(), /at 0/);
  now = 1_500;
  await assert.rejects(read(), /at 1500/);
});
