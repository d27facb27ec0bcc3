import { randomUUID } from "node:crypto";
import type { Pool, Tx } from "@plaza/kit/db/database";
import type { Cart, CartOwner } from "../../services/shop/domain/cart.ts";
import { defineShopService, shop } from "../../services/shop/main.ts";
import { findCart } from "../../services/shop/store/carts.ts";
import { findProducts, lockProducts } from "../../services/shop/store/products.ts";
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

/** Faults that the checker must detect. */
export const seededFaults: Readonly<Record<string, ShopFault>> = {
  "locks no products and lacks the stock constraint": {
    service: defineShopService({ lockProducts: readProductsUnlocked }),
    breakDatabase: dropStockCheck,
    ...scarceStock,
    ...raceRun,
  },
  "locks no products": {
    service: defineShopService({ lockProducts: readProductsUnlocked }),
    ...scarceStock,
    ...raceRun,
  },
  "locks products in cart order": {
    service: defineShopService({ lockProducts: lockOneByOne }),
    unitsPerProduct: 10_000,
    ...raceRun,
  },
  "does not lock carts": { service: defineShopService({ lockCart: readCartUnlocked }) },
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

async function readProductsUnlocked(tx: Tx, ids: readonly string[]) {
  const found = await findProducts(tx, ids);
  await barrier("check-out");
  return found;
}

async function lockOneByOne(tx: Tx, ids: readonly string[]) {
  const found = [];
  for (const id of ids) {
    found.push(...(await lockProducts(tx, [id])));
    await barrier("lock");
  }
  return found;
}

async function readCartUnlocked(tx: Tx, owner: CartOwner): Promise<Cart | undefined> {
  return (await findCart(tx, owner))?.cart;
}
