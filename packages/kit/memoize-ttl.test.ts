import assert from "node:assert/strict";
import { it } from "node:test";
import { memoizeFor } from "./memoize-ttl.ts";

it("a recent answer is shared by all who ask, until it is too old", async () => {
  let now = 0;
  let asked = 0;
  const read = memoizeFor(
    1_000,
    async () => ++asked,
    () => now,
  );
  assert.deepEqual(await Promise.all([read(), read()]), [1, 1]);
  now = 999;
  assert.equal(await read(), 1);
  now = 1_000;
  assert.deepEqual(await Promise.all([read(), read()]), [2, 2]);
});

it("an error is one of them", async () => {
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
