import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Db, Tx } from "@plaza/kit/db/database";
import { testDatabase } from "@plaza/kit/testing/db";
import { countRowsRead } from "@plaza/kit/testing/query-plan";
import { pairKey } from "./domain.ts";
import type { Relation } from "./pair-state-machine.ts";
import * as store from "./store.ts";

/** Of 400 people, each of whom is something to all others: 79,800 pairs. */
const people = 400;
const idOf = (n: number) => `01980000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
const ada = idOf(200);
const first = { since: new Date(Number(store.maxCursor.since)), userId: store.maxCursor.userId };

describe("80,000 pairs", () => {
  const pool = testDatabase(new URL("./migrations/", import.meta.url));
  before(() => insertPairs(pool(), people));

  for (const relation of ["confirmed", "outgoing", "incoming", "blocked"] as const) {
    for (const place of ["at the beginning", "in the middle"]) {
      it(`are listed, ${relation}, ${place}, without a look at more than a page of each half`, async () => {
        const all = await store.listRelated(pool(), ada, relation, first, people);
        const from = place === "in the middle" ? (all[39] ?? assert.fail()) : first;
        const read = (db: Db) => store.listRelated(db, ada, relation, from, 21);
        const start = place === "in the middle" ? 40 : 0;
        assert.deepEqual([...(await read(pool()))], all.slice(start, start + 21));
        const { scanned, fetched } = await countRowsRead(pool(), "pair", read);
        assert.ok(scanned === 0 && fetched <= 2 * 21, `${scanned} scanned, ${fetched} fetched`);
      });
    }

    it(`are counted, ${relation}, up to the limit`, async () => {
      const all = await store.listRelated(pool(), ada, relation, first, people);
      assert.ok(all.length > 50);
      const count = (limit: number) => store.countRelated(pool(), ada, relation, limit);
      assert.deepEqual([await count(people), await count(50)], [all.length, 50]);
      const read = (db: Db) => store.countRelated(db, ada, relation, 50);
      const { scanned, fetched } = await countRowsRead(pool(), "pair", read);
      assert.ok(scanned === 0 && fetched <= 50, `${scanned} scanned, ${fetched} fetched`);
    });
  }

  it("are found by both users, one row for each pair", async () => {
    const keys = Array.from({ length: 100 }, (_, n) =>
      pairKey({ userId: ada, otherId: idOf(n + 1) }),
    );
    const read = (db: Db) => store.findPairs(db, keys);
    assert.equal((await read(pool())).length, 100);
    assert.deepEqual(await countRowsRead(pool(), "pair", read), { scanned: 0, fetched: 100 });
  });

  it("have only the possible pairs of relations", async () => {
    const [low, high] = [idOf(1_001), idOf(1_002)];
    const insert = (lowRelation: Relation, highRelation: Relation, ids = [low, high]) => {
      const since = (relation: Relation) => (relation === "none" ? null : new Date());
      return pool()`
        insert into pair ${pool()({
          lowId: ids[0] ?? "",
          highId: ids[1] ?? "",
          lowRelation,
          highRelation,
          lowSince: since(lowRelation),
          highSince: since(highRelation),
        })}`;
    };
    for (const [one, other] of [
      ["confirmed", "none"],
      ["confirmed", "blocked"],
      ["outgoing", "outgoing"],
      ["outgoing", "confirmed"],
      ["none", "none"],
    ] as const) {
      await assert.rejects(insert(one, other), /pair_relations/);
    }
    await assert.rejects(insert("confirmed", "confirmed", [high, low]), /pair_order/);
    await insert("confirmed", "confirmed");
  });

  it("of a deleted user are found in both directions", async () => {
    const read = (tx: Tx) => store.deletePairsOf(tx, ada);
    assert.deepEqual(await countRowsRead(pool(), "pair", read), {
      scanned: 0,
      fetched: people - 1,
    });
  });
});

/** Friends, requests in both directions, and blocks, in turn; every pair with a time of its own. */
async function insertPairs(db: Db, count: number): Promise<void> {
  await db`
    insert into pair (low_id, high_id, low_relation, high_relation, low_since, high_since)
    select ('01980000-0000-7000-8000-' || lpad(to_hex(low), 12, '0'))::uuid,
           ('01980000-0000-7000-8000-' || lpad(to_hex(high), 12, '0'))::uuid,
           (array['confirmed', 'outgoing', 'incoming', 'blocked'])[1 + (low + high) % 4],
           (array['confirmed', 'incoming', 'outgoing', 'blocked'])[1 + (low + high) % 4],
           since, since
    from generate_series(1, ${count}::int) as low, generate_series(low + 1, ${count}::int) as high,
         to_timestamp(low * 7 + high * 13) as since`;
  await db`analyze pair`;
}
