import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import type { Tx } from "../db/database.ts";
import { kitMigrations } from "../db/migrate.ts";
import { testDatabase } from "../testing/db.ts";
import { reasonOf, toConnectError } from "./error-mapping.ts";

describe("toConnectError, with PostgreSQL", () => {
  const db = testDatabase(kitMigrations);

  before(() => db()`insert into event_cursor (source) values ('a'), ('b')`);

  it("maps a deadlock to ABORTED", async () => {
    const touch = (tx: Tx, source: string) =>
      tx`update event_cursor set sequence = sequence + 1 where source = ${source}`;
    const both = Promise.withResolvers<void>();
    let inside = 0;
    const change = (first: string, second: string) =>
      db().begin(async (tx) => {
        await touch(tx, first);
        inside += 1;
        if (inside === 2) both.resolve();
        await both.promise;
        await touch(tx, second);
      });

    const outcomes = await Promise.allSettled([change("a", "b"), change("b", "a")]);
    const failed = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    assert.equal(failed.length, 1);
    const error = toConnectError(failed[0], "posts.plaza");
    assert.equal(error.code, Code.Aborted);
    assert.equal(reasonOf(error), "CONCURRENT_CHANGE");
  });
});
