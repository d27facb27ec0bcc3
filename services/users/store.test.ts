import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Db } from "@plaza/kit/db/database";
import { maxUuid } from "@plaza/kit/rpc/pagination";
import { testDatabase } from "@plaza/kit/testing/db";
import { countRowsRead } from "@plaza/kit/testing/query-plan";
import * as store from "./store.ts";

describe("lists of 100,000 profiles", () => {
  const pool = testDatabase(new URL("./migrations/", import.meta.url));
  const middle = "01990000-0000-7000-8000-00000000c350";
  const searcherId = "01980000-0000-7000-8000-000000000007";
  before(() => insertMany(pool(), 100_000));

  const pages = {
    listProfiles: (db: Db) => store.listProfiles(db, middle, 21),
    listByNickname: (db: Db) =>
      store.listByNickname(db, { prefix: "name_5", searcherId }, "name_50500", 21),
  };
  for (const [name, read] of Object.entries(pages)) {
    it(`${name} reads the rows of its page and no others`, async () => {
      assert.equal((await read(pool())).length, 21);
      assert.deepEqual(await countRowsRead(pool(), "profile", read), { scanned: 0, fetched: 21 });
    });
  }

  it("listByNickname reads no further than the last match", async () => {
    const read = (db: Db) => store.listByNickname(db, { prefix: "name_1000", searcherId }, "", 21);
    assert.equal((await read(pool())).length, 12);
    assert.deepEqual(await countRowsRead(pool(), "profile", read), { scanned: 0, fetched: 12 });
  });

  it("listByNickname skips users who block the searcher, and reads no other blocks", async () => {
    await insertBlocks(pool(), searcherId);
    const read = (db: Db) =>
      store.listByNickname(db, { prefix: "name_5", searcherId }, "name_50500", 21);
    const found = await read(pool());
    assert.ok(found.length === 21 && found.every(({ nickname }) => nickname.endsWith("1")));
    const { scanned, fetched } = await countRowsRead(pool(), "profile", read);
    assert.ok(scanned === 0 && fetched <= 21 * 10, `${fetched} profiles`);
    const blocks = await countRowsRead(pool(), "block", read);
    assert.ok(blocks.scanned === 0 && blocks.fetched <= fetched, `${blocks.fetched} blocks`);
  });

  it("searchProfiles reads the matches, and once more those of its page", async () => {
    const read = (db: Db) => store.searchProfiles(db, "Needle", maxUuid, 21);
    assert.equal((await read(pool())).length, 21);
    assert.deepEqual(await countRowsRead(pool(), "profile", read), {
      scanned: 0,
      fetched: 100 + 21,
    });
  });

  it("searchProfiles does not read the table for a text without a match", async () => {
    const read = (db: Db) => store.searchProfiles(db, "zyxwv", maxUuid, 21);
    assert.deepEqual(await countRowsRead(pool(), "profile", read), { scanned: 0, fetched: 0 });
  });

  it("findIdByNickname reads one row", async () => {
    const read = (db: Db) => store.findIdByNickname(db, "name_777");
    assert.deepEqual(await countRowsRead(pool(), "profile", read), { scanned: 0, fetched: 1 });
  });
});

/** Nine of ten people of 10,000 block the searcher, and many others block others. */
async function insertBlocks(db: Db, searcherId: string): Promise<void> {
  await db`
    insert into block (blocked_id, blocker_id)
    select ${searcherId}::uuid, id from profile where nickname like 'name\_5%' and nickname not like '%1'`;
  await db`
    insert into block (blocked_id, blocker_id)
    select gen_random_uuid(), id from profile`;
  await db`analyze block`;
}

/** One person in a thousand is called Needle. */
async function insertMany(db: Db, count: number): Promise<void> {
  await db`
    insert into profile (
      id, nickname, first_name, last_name, about, avatar_url, phone, address, contact_visibility,
      email, search_text, create_time, update_time)
    select ('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'name_' || n, '', '', '',
           '', '', '', 2, '', case when n % 1000 = 0 then 'a needle' else 'some hay' end, now(), now()
    from generate_series(1, ${count}::int) as n`;
  await db`analyze profile`;
}
