import assert from "node:assert/strict";
import { randomUUIDv7 } from "node:crypto";
import { before, describe, it } from "node:test";
import type { Db, Tx } from "@plaza/kit/db/database";
import { maxRowNumber } from "@plaza/kit/rpc/pagination";
import { testDatabase } from "@plaza/kit/testing/db";
import { countRowsRead } from "@plaza/kit/testing/query-plan";
import { indexTask } from "@plaza/kit/text/index-task";
import type { SearchResult } from "@plaza/kit/text/newest-search";
import { planLookup } from "@plaza/kit/text/plan-lookup";
import { searchBlocks } from "@plaza/kit/text/search-blocks";
import { parseSearchQuery, type SearchQuery } from "@plaza/kit/text/search-query";
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

  const search = (words: string, before = maxRowNumber) => {
    const query = parseSearchQuery(words);
    assert.ok(query);
    return (tx: Tx) => store.searchPosts(tx, { query, before, limit: 21 });
  };
  /** The numbers of the first 21 results. On a busy machine they come in several pages. */
  async function numbersOf(words: string, before = maxRowNumber): Promise<number[]> {
    const found: number[] = [];
    for (let end: string | undefined = before; end && found.length < 21; ) {
      const { rows, position }: SearchResult<unknown> = await pool().begin(search(words, end));
      found.push(...rows.map(({ number }) => Number(number)));
      end = position;
    }
    return found.slice(0, 21);
  }

  it("searchPosts reads the newest posts for a word that most have", async () => {
    const { fetched, scanned } = await countRowsRead(pool(), "post", search("hay"));
    assert.ok(scanned === 0 && fetched < 30, `${fetched}`);
    assert.equal((await numbersOf("hay"))[0], 99_999);
  });

  it("searchPosts finds a rare word by the index, newest first, across blocks", async () => {
    const rare = Array.from({ length: 21 }, (_, n) => 100_000 - n * 1_000);
    assert.deepEqual(await numbersOf("needle"), rare);
    const older = Array.from({ length: 21 }, (_, n) => 40_000 - n * 1_000);
    assert.deepEqual(await numbersOf("needle", "40001"), older);
    const { scanned, fetched } = await countRowsRead(pool(), "post", search("needle"));
    // The sample, once for the page and once for the shares, then the matches in the newest block.
    assert.ok(scanned === 0 && fetched <= 2 * 1_000 + 50, `${scanned} ${fetched}`);
  });

  it("searchBlocks goes on where its budget has ended", async () => {
    const query = parseSearchQuery("needle") as SearchQuery;
    const plan = { terms: ["'needle'"], fixedMs: 0 };
    const read = (before: string): Promise<SearchResult<object>> => {
      const request = { table: "post", columns: ["id"], query, before, limit: 1_000 };
      return pool().begin((tx) => searchBlocks(tx, request, plan, { ms: 0, statements: 1 }));
    };
    const found: string[] = [];
    let pages = 0;
    for (let before: string | undefined = maxRowNumber; before; pages += 1) {
      const { rows, position }: SearchResult<object> = await read(before);
      found.push(...rows.map(({ number }) => number));
      before = position;
    }
    assert.deepEqual(
      found,
      Array.from({ length: 100 }, (_, n) => String(100_000 - n * 1_000)),
    );
    assert.ok(pages >= 4, `${pages} pages`);
  });

  it("planLookup leaves out what would take long, or all", async () => {
    const plan = (words: string) => {
      const query = parseSearchQuery(words) as SearchQuery;
      const search = { table: "post", query, limit: 21 };
      return planLookup(pool(), search, query.alternatives);
    };
    const rare = await plan("needle");
    assert.deepEqual(rare?.terms, ["'needle':*"]);
    assert.ok(rare.fixedMs < 1, `${rare.fixedMs}`);
    assert.deepEqual((await plan("post needle"))?.terms, ["'needle':*"]);
    // Every row has it.
    assert.equal(await plan("post"), undefined);
    // Of a whole word, GIN reads no more than is asked for.
    assert.deepEqual(await plan('"post"'), { terms: ["'post'"], fixedMs: 0 });
  });

  it("searchPosts looks up the rare one of two words only", async () => {
    assert.deepEqual(await numbersOf("needle post"), await numbersOf("needle"));
    const { scanned, fetched } = await countRowsRead(pool(), "post", search("needle post"));
    assert.ok(scanned === 0 && fetched <= 2 * 1_000 + 50, `${scanned} ${fetched}`);
  });

  it("searchPosts reads no more than the sample for a word without a match", async () => {
    const { scanned, fetched } = await countRowsRead(pool(), "post", search("unheard"));
    assert.ok(scanned === 0 && fetched <= 2 * 1_000 + 50, `${scanned} ${fetched}`);
  });

  it("indexes posts without words, in the order of their ids, below all others", async () => {
    await pool()`
      update post set number = null, search = null where id in (select id from post order by id limit 120)`;
    await indexTask(pool(), "post", store.findUnindexedPosts, store.indexPost).run();
    const found = await numbersOf("post", "1000");
    const [lowest] = await pool()<{ id: string; number: string }[]>`
      select id, number::text from post order by post.number limit 1`;
    assert.equal(lowest?.number, "-119");
    assert.ok(found.every((number, index) => index === 0 || number < (found[index - 1] ?? 0)));
    const [first] = await pool()<{ id: string }[]>`select id from post order by id limit 1`;
    assert.equal(lowest?.id, first?.id);
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

/**
 * Posts by 1,000 authors in turn; one in a thousand contains the word "needle", and each one of 150 others, because
 * PostgreSQL does not estimate beginnings where it knows fewer than 100 words.
 */
async function insertMany(db: Db, count: number): Promise<void> {
  await db`
    insert into post (id, author_id, title, body, excerpt, create_time, update_time, search, number)
    select ('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
           ('01980000-0000-7000-8000-' || lpad(to_hex(n % 1000), 12, '0'))::uuid,
           'post ' || n, case when n % 1000 = 0 then 'a needle' else 'some hay' end, '', now(), now(),
           ('''post'':1A ' || case when n % 1000 = 0 then '''a'':1B ''needle'':2B' else '''some'':1B ''hay'':2B' end || ' ''w' || n % 150 || ''':3B')::tsvector, n
    from generate_series(1, ${count}::int) as n`;
  await db`analyze post`;
}
