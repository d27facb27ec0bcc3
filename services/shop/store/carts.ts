import type { Db, Tx } from "@plaza/kit/db/database";
import type { IdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import type { Cart, CartLine, CartOwner } from "../domain/cart.ts";

const columns = ["id", "userId", "version", "updateTime"];

const lineColumns = (db: Db) => db`
  product_id, quantity, added_price_minor, position, name, price_minor, currency, stock,
  max_quantity, active, coalesce(picture_urls[1], '') as picture_url`;

const ownedByCondition = (db: Db, { userId, tokenHash }: CartOwner) =>
  userId === undefined ? db`token_hash = ${tokenHash}` : db`user_id = ${userId}`;

/** A cart and its lines, read by one statement, so that the etag is that of the lines. */
export async function findCart(
  db: Db,
  owner: CartOwner,
): Promise<{ cart: Cart; lines: CartLine[] } | undefined> {
  const rows = await db<(Cart & CartLine)[]>`
    select cart.id, user_id, version, cart.update_time, ${lineColumns(db)}
    from cart
    left join cart_item on cart_id = cart.id
    left join product on product.id = product_id
    where ${ownedByCondition(db, owner)}
    order by position, product_id`;
  const [cart] = rows;
  return cart && { cart, lines: cart.productId === null ? [] : rows };
}

/** Locks the cart until the transaction ends. */
export async function lockCart(tx: Tx, owner: CartOwner): Promise<Cart | undefined> {
  const [cart] = await tx<Cart[]>`
    select ${tx(columns)} from cart where ${ownedByCondition(tx, owner)} for update`;
  return cart;
}

/** Does nothing when the owner already has a cart. */
export async function insertCart(tx: Tx, cart: Cart, tokenHash: Buffer | null): Promise<void> {
  await tx`insert into cart ${tx({ ...cart, tokenHash })} on conflict do nothing`;
}

/** Saves the cart and the lines that differ from `before`. */
export async function saveCart(
  tx: Tx,
  { id, version, updateTime }: Cart,
  before: readonly CartLine[],
  after: readonly CartLine[],
): Promise<void> {
  const keptIds = new Set(after.map(({ productId }) => productId));
  const removed = before.filter(({ productId }) => !keptIds.has(productId));
  const changed = after.filter((line) => !before.includes(line));
  await Promise.all([
    tx`update cart set ${tx({ version, updateTime })} where id = ${id}`,
    removed.length > 0 && deleteItems(tx, id, removed),
    changed.length > 0 && saveItems(tx, id, changed),
  ]);
}

export async function deleteCart(tx: Tx, owner: CartOwner): Promise<void> {
  await tx`delete from cart where ${ownedByCondition(tx, owner)}`;
}

/** The lines of a cart in the order in which they were added. */
export function listLines(db: Db, cartId: string): Promise<CartLine[]> {
  return db<CartLine[]>`
    select ${lineColumns(db)} from cart_item join product on product.id = product_id
    where cart_id = ${cartId}
    order by position, product_id`;
}

async function saveItems(tx: Tx, cartId: string, lines: readonly CartLine[]): Promise<void> {
  await tx`
    insert into cart_item (cart_id, product_id, quantity, added_price_minor, position)
    select ${cartId}::uuid, * from unnest(
      ${lines.map(({ productId }) => productId)}::uuid[],
      ${lines.map(({ quantity }) => quantity)}::smallint[],
      ${lines.map(({ addedPriceMinor }) => addedPriceMinor)}::bigint[],
      ${lines.map(({ position }) => position)}::bigint[])
    on conflict (cart_id, product_id) do update
    set quantity = excluded.quantity, added_price_minor = excluded.added_price_minor`;
}

async function deleteItems(tx: Tx, cartId: string, lines: readonly CartLine[]): Promise<void> {
  const ids = lines.map(({ productId }) => productId);
  await tx`delete from cart_item where cart_id = ${cartId} and product_id = any(${ids}::uuid[])`;
}

/** Records the request. Returns the digest of the earlier request with this key; undefined without one. */
export async function insertCartWrite(
  tx: Tx,
  cartId: string,
  { key, digest }: IdempotencyKey,
  now: Date,
): Promise<string | undefined> {
  const { count } = await tx`
    insert into cart_write (cart_id, idempotency_key, request_digest, create_time)
    values (${cartId}, ${key}, ${digest}, ${now}) on conflict do nothing`;
  if (count === 1) return undefined;
  const [before] = await tx<{ requestDigest: string }[]>`
    select request_digest from cart_write where cart_id = ${cartId} and idempotency_key = ${key}`;
  return before?.requestDigest;
}

/** Moves the recorded requests of one cart to another, so that retries are recognised there. Keys of `toId` win. */
export async function moveCartWrites(tx: Tx, fromId: string, toId: string): Promise<void> {
  await tx`
    insert into cart_write (cart_id, idempotency_key, request_digest, create_time)
    select ${toId}::uuid, idempotency_key, request_digest, create_time
    from cart_write where cart_id = ${fromId}
    on conflict do nothing`;
}

export async function deleteAnonymousCarts(db: Db, before: Date): Promise<void> {
  await db`delete from cart where user_id is null and update_time < ${before}`;
}

export async function deleteCartWrites(db: Db, before: Date): Promise<void> {
  await db`delete from cart_write where create_time < ${before}`;
}
