import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, Tx } from "@plaza/kit/db";
import type { Service } from "@plaza/kit/service";
import type { Cart, Owner } from "../../services/shop/cart-domain.ts";
import { findCart } from "../../services/shop/cart-store.ts";
import { shop, shopWith } from "../../services/shop/main.ts";
import { findProducts, lockProducts } from "../../services/shop/product-store.ts";
import { plainSend, type Send } from "../kill/writer.ts";

/** A broken shop: other parts, another database, or another way there. */
export type Planted = {
  readonly service?: Service;
  readonly breakDatabase?: (db: Pool) => Promise<unknown>;
  readonly send?: Send;
  /** How many of each product there are: few where the last ones are fought for, many where goods are. */
  readonly units?: number;
  /** How long it is given to show. */
  readonly ms?: number;
};

const dropCheck = (db: Pool) => db`alter table product drop constraint product_stock`;

/** For what shows only when two want the last of something at once. */
const rare = { units: 5, ms: 10_000 };

/** Broken shops that the checker must tell from a good one. */
export const planted: Readonly<Record<string, Planted>> = {
  "locks no products and has no check on the stock": {
    service: shopWith({ lockProducts: readProducts }),
    breakDatabase: dropCheck,
    ...rare,
  },
  "locks no products": { service: shopWith({ lockProducts: readProducts }), ...rare },
  "locks products in the order in which they are in the cart": {
    service: shopWith({ lockProducts: lockOneByOne }),
    units: 10_000,
  },
  "does not lock carts": { service: shopWith({ lockCart: readCart }) },
  "frees the goods of a cancelled order twice": {
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
  "forgets the key of a check-out, so that a retry is another order": { send: forgetful() },
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

let goOn = () => {};

/** Waits a moment for the next check-out to read as well: by chance two are hardly ever here at once. */
async function readProducts(tx: Tx, ids: readonly string[]) {
  const found = await findProducts(tx, ids);
  goOn();
  const next = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await Promise.race([next, sleep(100)]);
  return found;
}

async function lockOneByOne(tx: Tx, ids: readonly string[]) {
  const found = [];
  for (const id of ids) found.push(...(await lockProducts(tx, [id])));
  return found;
}

async function readCart(tx: Tx, owner: Owner): Promise<Cart | undefined> {
  return (await findCart(tx, owner))?.cart;
}

/** The shop that is served when a fault is planted elsewhere. */
export const soundShop = shop;
