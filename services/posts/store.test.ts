import assert from "node:assert/strict";
import { randomUUIDv7 } from "node:crypto";
import { before, describe, it } from "node:test";
import type { Db } from "@plaza/kit/db/database";
import { maxUuid } from "@plaza/kit/rpc/pagination";
import { testDatabase } from "@plaza/kit/testing/db";
import { countRowsRead } from "@plaza/kit/testing/query-plan";
import { newPost, type PostDraft } from "./domain.ts";
import * as store from "./store.ts";

const migrations = new URL("./migrations/", import.meta.url);

describe("lists of 100,000 posts", () => {
  const pool = testDatabase(migrations);
  const author = "01980000-0000-7000-8000-000000000007";
  const middle = "01990000-0000-7000-8000-00000000c350";
  before(() => insertMany(pool(), 100_000));

  const pages = {
    listPosts: (db: Db) => store.listPosts(db, middle, 21),
    listPostsByAuthor: (db: Db) => store.listPostsByAuthor(db, author, middle, 21),
  };
  for (const [name, read] of Object.entries(pages)) {
    it(`${name} reads the rows of its page and no others`, async () => {
      assert.equal((await read(pool())).length, 21);
      assert.deepEqual(await countRowsRead(pool(), "post", read), { scanned: 0, fetched: 21 });
    });
  }

  it("searchPosts reads the posts with the word, and once more those of its page", async () => {
    const read = (db: Db) => store.searchPosts(db, "needle", maxUuid, 21);
    assert.equal((await read(pool())).length, 21);
    assert.deepEqual(await countRowsRead(pool(), "post", read), { scanned: 0, fetched: 100 + 21 });
  });

  it("searchPosts does not read the table for a word without a match", async () => {
    const read = (db: Db) => store.searchPosts(db, "unheard", maxUuid, 21);
    assert.deepEqual(await countRowsRead(pool(), "post", read), { scanned: 0, fetched: 0 });
  });
});

describe("insertPosts", () => {
  const pool = testDatabase(migrations);

  it("has no deadlock of two batches with the same keys in opposite orders", async () => {
    const authorId = randomUUIDv7();
    const keys = Array.from({ length: 300 }, (_, n) => `key ${n}`);
    const drafts = (order: string[]) => order.map((key) => draft(authorId, key));
    const batches = [drafts(keys), drafts(keys.toReversed())];
    const inserted = await Promise.all(
      batches.map((batch) => pool().begin((tx) => store.insertPosts(tx, batch))),
    );
    assert.equal(inserted.flatMap((ids) => [...ids]).length, keys.length);
  });
});

function draft(authorId: string, idempotencyKey: string): PostDraft {
  const post = newPost(randomUUIDv7(), authorId, { title: "A title", body: "A body" }, new Date());
  return { post, idempotencyKey, requestDigest: "digest" };
}

/** Posts by 1,000 authors in turn; one in a thousand contains the word "needle". */
async function insertMany(db: Db, count: number): Promise<void> {
  await db`
    insert into post (id, author_id, title, body, excerpt, create_time, update_time)
    select ('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
           ('01980000-0000-7000-8000-' || lpad(to_hex(n % 1000), 12, '0'))::uuid,
           'post ' || n, case when n % 1000 = 0 then 'a needle' else 'some hay' end, '', now(), now()
    from generate_series(1, ${count}::int) as n`;
  await db`analyze post`;
}
