import { randomUUID } from "node:crypto";
import type { Pool } from "@plaza/kit/db/database";
import type { Service } from "@plaza/kit/runtime/service";
import {
  type RunStatement,
  type Statement,
  stripLocks,
  withStatements,
} from "@plaza/kit/testing/intercept-statements";
import { shop } from "../../services/shop/main.ts";
import { createBarrier } from "../base/barrier.ts";
import type { ServiceFault } from "../base/faulty-cluster.ts";
import { type SendRequest, sendRequest } from "../base/system-under-test.ts";

/** A seeded fault, and the run that it takes to show. */
export type ShopFault = ServiceFault & {
  readonly unitsPerProduct?: number;
  /** How long buyers run, in ms. */
  readonly ms?: number;
};

const dropStockCheck = (db: Pool) => db`alter table product drop constraint product_stock`;

/** For races. */
const raceRun = { ms: 5_000 };

/** So few that buyers contend for the last ones. */
const scarceStock = { unitsPerProduct: 5 };

const productLock = /from product .* for no key update/s;
const cartLock = /from cart .* for update/s;

/** Faults that the checker must detect. */
export const seededFaults: Readonly<Record<string, ShopFault>> = {
  "locks no products and lacks the stock constraint": {
    service: shopWithLock(productLock, readProductsUnlocked),
    breakDatabase: dropStockCheck,
    ...scarceStock,
    ...raceRun,
  },
  "locks no products": {
    service: shopWithLock(productLock, readProductsUnlocked),
    ...scarceStock,
    ...raceRun,
  },
  "locks products in cart order": {
    service: shopWithLock(productLock, lockProductsOneByOne),
    unitsPerProduct: 10_000,
    ...raceRun,
  },
  "does not lock carts": { service: shopWithLock(cartLock, readUnlocked) },
  "returns the stock of a cancelled order twice": {
    service: shop,
    breakDatabase: (db) =>
      db.unsafe(`
        create function free_again() returns trigger language plpgsql as $$ begin
          update product set stock = stock + quantity from order_item
          where order_id = new.order_id and product.id = product_id;
          return new;
        end $$;
        create trigger free_again after insert on order_step for each row
        when (new.state = 'cancelled') execute function free_again()`),
  },
  "forgets what the payment provider has answered": {
    service: shop,
    breakDatabase: (db) =>
      db.unsafe(`
        create function forget() returns trigger language plpgsql as $$ begin
          return null;
        end $$;
        create trigger forget before update on payment_attempt for each row
        when (new.outcome is not null) execute function forget()`),
    ms: 500,
  },
  "drops the idempotency key of a check-out": {
    service: shop,
    send: dropIdempotencyKey(),
  },
};

/** Replaces the key of every check-out, and loses every third response. */
function dropIdempotencyKey(): SendRequest {
  let count = 0;
  return async (url, token, line, body) => {
    if (!line.endsWith(":checkout")) return sendRequest(url, token, line, body);
    const answer = await sendRequest(url, token, line, { idempotencyKey: randomUUID() });
    count += 1;
    if (count % 3 === 0) throw new Error("the response is lost");
    return answer;
  };
}

const barrier = createBarrier();

/** The shop with another lock instead of those whose text matches. */
function shopWithLock(
  pattern: RegExp,
  lock: (statement: Statement, run: RunStatement) => ReturnType<RunStatement>,
): Service {
  return withStatements(shop, (statement, run) =>
    pattern.test(statement.text) ? lock(statement, run) : run(),
  );
}

function readUnlocked({ text }: Statement, run: RunStatement) {
  return run({ text: stripLocks(text) });
}

async function readProductsUnlocked(statement: Statement, run: RunStatement) {
  const products = await readUnlocked(statement, run);
  await barrier("check-out");
  return products;
}

async function lockProductsOneByOne({ args: [columns, ids] }: Statement, run: RunStatement) {
  const products = [];
  for (const id of ids as readonly string[]) {
    products.push(...(await run({ args: [columns, [id]] })));
    await barrier("lock");
  }
  return products;
}
