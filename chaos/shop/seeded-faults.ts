import { randomUUID } from "node:crypto";
import type { Pool, Tx } from "@plaza/kit/db/database";
import type { Cart, CartOwner } from "../../services/shop/domain/cart.ts";
import { defineShopService, shop } from "../../services/shop/main.ts";
import { findCart } from "../../services/shop/store/carts.ts";
import { findProducts, lockProducts } from "../../services/shop/store/products.ts";
import { rendezvous } from "../base/barrier.ts";
import type { Broken } from "../base/faulty-cluster.ts";
import { plainSend, type Send } from "../kill/client.ts";

/** A broken shop, and what it takes for it to show. */
export type Planted = Broken & {
  /** How many of each product there are. */
  readonly units?: number;
  /** How long it is given to show. */
  readonly ms?: number;
};

const dropCheck = (db: Pool) => db`alter table product drop constraint product_stock`;

/** For what shows only when two are there at once. */
const rare = { ms: 5_000 };

/** So few that the last ones are fought for. */
const few = { units: 5 };

/** Broken shops that the checker must tell from a good one. */
export const planted: Readonly<Record<string, Planted>> = {
  "locks no products and has no check on the stock": {
    service: defineShopService({ lockProducts: readProducts }),
    breakDatabase: dropCheck,
    ...few,
    ...rare,
  },
  "locks no products": {
    service: defineShopService({ lockProducts: readProducts }),
    ...few,
    ...rare,
  },
  "locks products in the order in which they are in the cart": {
    service: defineShopService({ lockProducts: lockOneByOne }),
    units: 10_000,
    ...rare,
  },
  "does not lock carts": { service: defineShopService({ lockCart: readCart }) },
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
    send: forgetful(),
  },
};

/** Loses every third answer to a check-out, as networks do, and with it what the key was. */
function forgetful(): Send {
  let count = 0;
  return async (url, token, line, body) => {
    if (!line.endsWith(":checkout")) return plainSend(url, token, line, body);
    const answer = await plainSend(url, token, line, { idempotencyKey: randomUUID() });
    count += 1;
    if (count % 3 === 0) throw new Error("the answer is lost");
    return answer;
  };
}

const meet = rendezvous();

async function readProducts(tx: Tx, ids: readonly string[]) {
  const found = await findProducts(tx, ids);
  await meet("check-out");
  return found;
}

async function lockOneByOne(tx: Tx, ids: readonly string[]) {
  const found = [];
  for (const id of ids) {
    found.push(...(await lockProducts(tx, [id])));
    await meet("lock");
  }
  return found;
}

async function readCart(tx: Tx, owner: CartOwner): Promise<Cart | undefined> {
  return (await findCart(tx, owner))?.cart;
}
