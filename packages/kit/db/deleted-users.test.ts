import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { testDatabase } from "../testing/db.ts";
import type { Pool, Tx } from "./database.ts";
import { findDeletedUsers, insertDeletedUser } from "./deleted-users.ts";
import { kitMigrations } from "./migrate.ts";

describe("deleted users", () => {
  const db = testDatabase(kitMigrations);

  /** Runs `first`, begins `second` in another transaction before it commits, and returns what `second` returns. */
  async function runBeside<T>(
    pool: Pool,
    first: (tx: Tx) => Promise<unknown>,
    second: (tx: Tx) => Promise<T>,
  ): Promise<{ result: T; waited: boolean }> {
    let hasCommitted = false;
    const pending: Promise<{ result: T; waited: boolean }>[] = [];
    await pool.begin(async (tx) => {
      await first(tx);
      pending.push(
        pool.begin(async (other) => {
          const result = await second(other);
          return { result, waited: hasCommitted };
        }),
      );
      await sleep(50);
      hasCommitted = true;
    });
    const [outcome] = await Promise.all(pending);
    assert.ok(outcome);
    return outcome;
  }

  it("are found, and no others", async () => {
    const [deleted, other] = [randomUUID(), randomUUID()];
    for (let times = 0; times < 2; times += 1) {
      await db().begin((tx) => insertDeletedUser(tx, deleted));
    }
    const found = await db().begin((tx) => findDeletedUsers(tx, [other, deleted.toUpperCase()]));
    assert.deepEqual([...found], [deleted]);
  });

  for (const mode of ["shared", "exclusive"] as const) {
    it(`are found by a ${mode} write that begins before the deletion commits`, async () => {
      const userId = randomUUID();
      const { result } = await runBeside(
        db(),
        (tx) => insertDeletedUser(tx, userId),
        (tx) => findDeletedUsers(tx, [randomUUID(), userId], mode),
      );
      assert.deepEqual([...result], [userId]);
    });

    it(`are deleted after the ${mode} writes that found them undeleted`, async () => {
      const userId = randomUUID();
      const { waited } = await runBeside(
        db(),
        async (tx) => assert.equal((await findDeletedUsers(tx, [userId], mode)).size, 0),
        (tx) => insertDeletedUser(tx, userId),
      );
      assert.ok(waited);
    });
  }

  it("let shared writes of one user run side by side, and exclusive ones one at a time", async () => {
    const userId = randomUUID();
    for (const [mode, waits] of [
      ["shared", false],
      ["exclusive", true],
    ] as const) {
      const find = (tx: Tx) => findDeletedUsers(tx, [userId], mode);
      assert.equal((await runBeside(db(), find, find)).waited, waits);
    }
  });
});
