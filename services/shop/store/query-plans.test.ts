import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Db, Tx } from "@plaza/kit/db/database";
import { maxRowNumber, maxUuid } from "@plaza/kit/rpc/pagination";
import { testDatabase } from "@plaza/kit/testing/db";
import { countRowsRead } from "@plaza/kit/testing/query-plan";
import type { SearchResult } from "@plaza/kit/text/newest-search";
import { parseSearchQuery, type SearchQuery } from "@plaza/kit/text/search-query";
import type { ProductOrdering } from "../domain/product.ts";
import { deleteAnonymousCarts, findCart } from "./carts.ts";
import { findReservations, listExpiredOrderIds, listOrders } from "./orders.ts";
import { lockDueAttempts } from "./payment-attempts.ts";
import { listPrices, listProducts, searchProducts } from "./products.ts";

const migrations = new URL("../migrations/", import.meta.url);
const user = "01980000-0000-7000-8000-000000000007";
const middle = "01990000-0000-7000-8000-00000000c350";

describe("lists of 100,000 products, of which every other is retired", () => {
  const pool = testDatabase(migrations);
  before(() => insertProducts(pool(), 100_000));

  const places: Record<ProductOrdering, string[]> = {
    newest: [middle],
    name: ["product 50000", middle],
    cheapest: ["5000", middle],
    dearest: ["5000", middle],
  };
  for (const [by, after] of Object.entries(places) as [ProductOrdering, string[]][]) {
    for (const showsRetired of [false, true]) {
      const shown = showsRetired ? "all" : "those on sale";
      for (const [place, key] of [
        ["at the beginning", []],
        ["in the middle", after],
      ] as const) {
        it(`${by}: ${shown}, ${place}, reads the rows of its page and no others`, async () => {
          const read = (db: Db) => listProducts(db, { by, showsRetired }, key, 21);
          assert.equal((await read(pool())).length, 21);
          assert.deepEqual(await countRowsRead(pool(), "product", read), {
            scanned: 0,
            fetched: 21,
          });
        });
      }
    }
  }

  it("searchProducts finds a rare word by the index, and a frequent one among the newest", async () => {
    const search =
      (words: string, before = maxRowNumber) =>
      (tx: Tx) =>
        searchProducts(tx, { query: parseSearchQuery(words) as SearchQuery, before, limit: 21 });
    for (const [words, most] of [
      ["needle", 1_200],
      ["hay", 100],
    ] as const) {
      let found = 0;
      // On a busy machine the results come in several pages.
      for (let end: string | undefined = maxRowNumber; end && found < 21; ) {
        const { rows, position }: SearchResult<unknown> = await pool().begin(search(words, end));
        found += rows.length;
        end = position;
      }
      assert.ok(found >= 21, `${words}: ${found}`);
      const { scanned, fetched } = await countRowsRead(pool(), "product", search(words));
      assert.ok(scanned === 0 && fetched <= most, `${words}: ${scanned} ${fetched}`);
    }
  });

  it("listPrices reads the prices of its page and no others", async () => {
    await insertPrices(pool());
    const read = (db: Db) => listPrices(db, middle, maxUuid, 21);
    assert.equal((await read(pool())).length, 21);
    assert.deepEqual(await countRowsRead(pool(), "price", read), { scanned: 0, fetched: 21 });
  });
});

describe("lists of 100,000 orders", () => {
  const pool = testDatabase(migrations);
  before(() => insertOrders(pool(), 100_000));

  const shapes = {
    "of all": {},
    "of one buyer": { userId: user },
    "in one state": { state: "paid" },
    "of one buyer in one state": { userId: user, state: "paid" },
  } as const;
  for (const [name, of] of Object.entries(shapes)) {
    it(`${name} read the rows of their page and no others`, async () => {
      const read = (db: Db) => listOrders(db, of, maxUuid, 21);
      assert.equal((await read(pool())).length, 21);
      assert.deepEqual(await countRowsRead(pool(), "shop_order", read), {
        scanned: 0,
        fetched: 21,
      });
    });
  }

  it("that a buyer has not paid are added up without reading others", async () => {
    const buyer = user.replace(/7$/, "8");
    await insertItems(pool(), buyer);
    const read = (tx: Tx) => findReservations(tx, buyer);
    assert.deepEqual(await countRowsRead(pool(), "shop_order", read), { scanned: 0, fetched: 33 });
  });

  it("that are due for a payment provider are found without reading others", async () => {
    await insertAttempts(pool());
    const read = (tx: Tx) => lockDueAttempts(tx, new Date(1_000), 20);
    assert.equal((await pool().begin(read)).length, 10);
    const counts = await countRowsRead(pool(), "payment_attempt", read);
    assert.equal(counts.scanned, 0);
    assert.ok(counts.fetched <= 20, `${counts.fetched} rows`);
  });

  it("that have expired read those and no others", async () => {
    const read = (db: Db) => listExpiredOrderIds(db, new Date(1_000), 100);
    assert.equal((await read(pool())).length, 10);
    assert.deepEqual(await countRowsRead(pool(), "shop_order", read), { scanned: 0, fetched: 10 });
  });
});

describe("carts among 100,000", () => {
  const pool = testDatabase(migrations);
  before(async () => {
    await pool()`
      insert into cart (id, user_id, token_hash, version, update_time)
      select ('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
             case when n % 2 = 0 then gen_random_uuid() end,
             case when n % 2 = 1 then int4send(n) end, 1, to_timestamp(n)
      from generate_series(1, 100000) as n`;
    await pool()`analyze cart`;
  });

  it("are found by their owner, and by their token", async () => {
    const [row] = await pool()<{ userId: string }[]>`
      select user_id from cart where user_id is not null limit 1`;
    for (const owner of [{ userId: row?.userId ?? "" }, { tokenHash: Buffer.from([0, 0, 0, 7]) }]) {
      const read = (db: Db) => findCart(db, owner);
      assert.ok(await read(pool()));
      assert.deepEqual(await countRowsRead(pool(), "cart", read), { scanned: 0, fetched: 1 });
    }
  });

  it("that expired are deleted without reading the others", async () => {
    const read = (db: Db) => deleteAnonymousCarts(db, new Date(20_000));
    assert.deepEqual(await countRowsRead(pool(), "cart", read), { scanned: 0, fetched: 10 });
  });
});

/** Every other product is retired; of the others one in 500 contains the word "needle". */
async function insertProducts(db: Db, count: number): Promise<void> {
  await db`
    insert into product (id, name, sort_name, description, price_minor, currency, stock, max_quantity,
                         picture_urls, active, create_time, update_time, search, number)
    select ('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'product ' || n,
           'product ' || n, case when n % 1000 = 0 then 'a needle' else 'some hay' end, n % 10000,
           'EUR', 5, 9, '{}', n % 2 = 0, now(), now(),
           (case when n % 1000 = 0 then '''a'' ''needle''' else '''some'' ''hay''' end)::tsvector, n
    from generate_series(1, ${count}::int) as n`;
  await db`analyze product`;
}

async function insertPrices(db: Db): Promise<void> {
  await db`
    insert into price (product_id, id, price_minor, currency, start_time)
    select id, ('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, n, 'EUR', now()
    from (select id from product order by id = ${middle} desc, id limit 1000) as chosen
    cross join generate_series(1, 50) as n`;
  await db`analyze price`;
}

/** Orders by 1,000 buyers in turn, of whom one has all that are paid; ten of those that wait for their payment have expired. */
async function insertOrders(db: Db, count: number): Promise<void> {
  await db`
    insert into shop_order (id, user_id, state, total_minor, currency, payment_method, delivery_name,
                            delivery_address, note, idempotency_key, request_digest, expire_time,
                            create_time, update_time)
    select ('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
           ('01980000-0000-7000-8000-' || lpad(to_hex(n % 1000), 12, '0'))::uuid,
           case when n % 1000 = 7 then 'paid' else (array['pending_payment', 'delivered', 'shipped'])[1 + n % 3] end, 1, 'EUR', 'offline', '', '', '',
           n::text, '', case when n % 3 = 0 and n <= 30 then to_timestamp(0) else now() end,
           now(), now()
    from generate_series(1, ${count}::int) as n`;
  await db`analyze shop_order`;
}

/** One piece of one product in each order of the buyer. */
async function insertItems(db: Db, buyer: string): Promise<void> {
  await insertProducts(db, 1);
  await db`
    insert into order_item (order_id, product_id, name, quantity, price_minor, position)
    select shop_order.id, product.id, '', 1, 1, 1 from shop_order, product
    where user_id = ${buyer}`;
}

/** An attempt for every order; ten are due, others have a result or are due later. */
async function insertAttempts(db: Db): Promise<void> {
  await db`
    insert into payment_attempt (order_id, kind, number, call_count, outcome, problem, is_calling,
                                 next_call_time, create_time)
    select id, 'confirm', 1, 1, case when n > 100 then 'done' end, '', false,
           case when n <= 100 then to_timestamp(case when n <= 10 then 0 else 2000 end) end, now()
    from (select id, row_number() over (order by id) as n from shop_order) as numbered`;
  await db`analyze payment_attempt`;
}
