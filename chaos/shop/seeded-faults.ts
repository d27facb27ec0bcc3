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
import { type SendRequest, sendRequest } from "../kill/client.ts";

/** A broken shop, and what it takes for it to show. */
export type ShopFault = ServiceFault & {
  /** How many of each product there are. */
  readonly unitsPerProduct?: number;
  /** How long it is given to show. */
  readonly ms?: number;
};

const dropStockCheck = (db: Pool) => db`alter table product drop constraint product_stock`;

/** For what shows only when two are there at once. */
const raceRun = { ms: 5_000 };

/** So few that the last ones are fought for. */
const scarceStock = { unitsPerProduct: 5 };

const productLock = /from product .* for no key update/s;
const cartLock = /from cart .* for update/s;

/** Broken shops that the checker must tell from a good one. */
export const seededFaults: Readonly<Record<string, ShopFault>> = {
  "locks no products and has no check on the stock": {
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
  "locks products in the order in which they are in the cart": {
    service: shopWithLock(productLock, lockProductsOneByOne),
    unitsPerProduct: 10_000,
    ...raceRun,
  },
  "does not lock carts": { service: shopWithLock(cartLock, readUnlocked) },
  "frees the goods of a cancelled order twice": {
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
  "forgets the key of a check-out, so that a retry is another order": {
    service: shop,
    send: dropIdempotencyKey(),
  },
};

/** Loses every third answer to a check-out, as networks do, and with it what the key was. */
function dropIdempotencyKey(): SendRequest {
  let count = 0;
  return async (url, token, line, body) => {
    if (!line.endsWith(":checkout")) return sendRequest(url, token, line, body);
    const answer = await sendRequest(url, token, line, { idempotencyKey: randomUUID() });
    count += 1;
    if (count % 3 === 0) throw new Error("the answer is lost");
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
