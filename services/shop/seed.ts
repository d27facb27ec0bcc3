import { ProductCreatedSchema } from "@plaza/contract/shop/v1/events";
import { UserService } from "@plaza/contract/users/v1/users";
import { findUserIds } from "@plaza/kit/clients/users";
import type { Tx } from "@plaza/kit/db/database";
import { publish } from "@plaza/kit/events/outbox";
import type { Deps } from "@plaza/kit/runtime/service";
import { demoCarts, demoProducts } from "./demo-products.ts";
import { type CartLine, newCart, setLine } from "./domain/cart.ts";
import { newProduct, type Product } from "./domain/product.ts";
import * as carts from "./store/carts.ts";
import { hasProducts, insertPrice, insertProduct } from "./store/products.ts";

const demoIntervalMs = 5 * 60 * 60 * 1000;

/** Inserts the demo products and fills the carts of the demo accounts, unless there are products. */
export async function seed(deps: Deps): Promise<void> {
  const { db, client } = deps;
  if (await hasProducts(db)) return;
  const ownerIds = await findUserIds(client(UserService), Object.keys(demoCarts));
  await db.begin(async (tx) => {
    const products = new Map<string, Product>();
    for (const [index, { picture, ...content }] of demoProducts.entries()) {
      const at = new Date(deps.now().getTime() - (demoProducts.length - index) * demoIntervalMs);
      const defaults = { currency: "EUR", maxQuantity: 10, pictureUrls: [`/demo/${picture}.svg`] };
      const product = newProduct(deps.newId(), { ...defaults, ...content }, at);
      // The key keeps two processes that seed at the same time from inserting it twice.
      if (!(await insertProduct(tx, product, { key: `demo ${picture}`, digest: picture }))) return;
      const { id: productId, priceMinor, currency } = product;
      await insertPrice(tx, { id: deps.newId(), productId, priceMinor, currency, startTime: at });
      await publish(tx, ProductCreatedSchema, { productId }, productId);
      products.set(picture, product);
    }
    for (const [nickname, userId] of ownerIds) {
      await fillDemoCart(tx, deps, userId, demoCarts[nickname] ?? {}, products);
    }
  });
}

async function fillDemoCart(
  tx: Tx,
  { newId, now }: Deps,
  userId: string,
  quantities: Readonly<Record<string, number>>,
  products: ReadonlyMap<string, Product>,
): Promise<void> {
  const cart = { ...newCart(newId(), userId, now()), version: 1n };
  await carts.insertCart(tx, cart, null);
  if ((await carts.findCart(tx, { userId }))?.cart.id !== cart.id) return;
  let lines: CartLine[] = [];
  for (const [picture, quantity] of Object.entries(quantities)) {
    const product = products.get(picture);
    if (product) lines = setLine(lines, product, quantity, BigInt(lines.length));
  }
  await carts.saveCart(tx, cart, [], lines);
}
