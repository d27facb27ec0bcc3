import type { Db, Tx } from "@plaza/kit/db/database";
import type { IdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import { maxUuid, nilUuid } from "@plaza/kit/rpc/pagination";
import type { SearchResult } from "@plaza/kit/text/newest-search";
import {
  byRelevance,
  type RowOrder,
  type SearchWindow,
  searchRows,
} from "@plaza/kit/text/search-rows";
import { searchVector } from "@plaza/kit/text/search-vector";
import {
  type Price,
  type Product,
  type ProductOrdering,
  type ProductSearchOrdering,
  sortNameOf,
} from "../domain/product.ts";

const columns = [
  "id",
  "name",
  "description",
  "priceMinor",
  "currency",
  "stock",
  "maxQuantity",
  "pictureUrls",
  "active",
  "createTime",
  "updateTime",
];

export function findProducts(db: Db, ids: readonly string[]): Promise<Product[]> {
  return db<Product[]>`select ${db(columns)} from product where id = any(${ids}::uuid[])`;
}

/**
 * Locks the rows until the transaction ends, so that no other transaction changes the same stock. Always
 * in the order of ids, against deadlock. `no key`, because inserting cart items locks the keys that they
 * refer to, in the order of the cart.
 */
export function lockProducts(tx: Tx, ids: readonly string[]): Promise<Product[]> {
  return tx<Product[]>`
    select ${tx(columns)} from product where id = any(${ids}::uuid[])
    order by id for no key update`;
}

export async function hasProducts(db: Db): Promise<boolean> {
  const [product] = await db`select from product limit 1`;
  return product !== undefined;
}

/** The condition and order of a page, by the key of the last row before it. */
const pageClauses = {
  newest: (db: Db, [id = maxUuid]: readonly string[]) => db`id < ${id} order by id desc`,
  name: (db: Db, [name = "", id = nilUuid]: readonly string[]) =>
    db`(sort_name, id) > (${name}, ${id}) order by sort_name, id`,
  cheapest: (db: Db, [price = "-1", id = nilUuid]: readonly string[]) =>
    db`(price_minor, id) > (${price}, ${id}) order by price_minor, id`,
  dearest: (db: Db, [price = "9999999999", id = maxUuid]: readonly string[]) =>
    db`(price_minor, id) < (${price}, ${id}) order by price_minor desc, id desc`,
};

export function listProducts(
  db: Db,
  list: { readonly by: ProductOrdering; readonly showsRetired: boolean },
  after: readonly string[],
  limit: number,
): Promise<Product[]> {
  const shown = list.showsRetired ? db`true` : db`active`;
  return db<Product[]>`
    select ${db(columns)} from product where ${shown} and ${pageClauses[list.by](db, after)} limit ${limit}`;
}

/** A page of the products on sale with the words. */
export function searchProducts(tx: Tx, window: SearchWindow): Promise<SearchResult<Product>> {
  const filter = (db: Db) => db`active`;
  return searchRows<Product>(tx, { table: "product", columns, filter }, window);
}

/** The orders of search results. */
export const searchOrders: Record<ProductSearchOrdering, RowOrder | undefined> = {
  newest: undefined,
  name: (db) => db`sort_name`,
  cheapest: (db) => db`price_minor`,
  dearest: (db) => db`price_minor desc`,
  relevance: byRelevance,
};

/** What is computed from the texts of a product. */
const indexColumns = (product: Product) => ({
  sortName: sortNameOf(product),
  search: searchVector({ A: product.name, B: product.description }),
});

/** Products without search words, newest first. */
export function findUnindexedProducts(tx: Tx, limit: number): Promise<Product[]> {
  return tx<Product[]>`
    select ${tx(columns)} from product where number is null order by id desc limit ${limit}
    for no key update skip locked`;
}

export async function indexProduct(tx: Tx, product: Product): Promise<void> {
  await tx`
    update product set ${tx(indexColumns(product))}, number = nextval('product_old_number_seq')
    where id = ${product.id}`;
}

/** Whether the product is new: the unique index, not an earlier read, has the last word. */
export async function insertProduct(
  tx: Tx,
  product: Product,
  request: IdempotencyKey | undefined,
): Promise<boolean> {
  const row = {
    ...product,
    ...indexColumns(product),
    idempotencyKey: request?.key ?? null,
    requestDigest: request?.digest ?? null,
  };
  const { count } = await tx`
    insert into product ${tx(row)}
    on conflict (idempotency_key) where idempotency_key is not null do nothing`;
  return count === 1;
}

/** The product that the same request has created before. */
export async function findProductByIdempotencyKey(
  db: Db,
  { key, digest }: IdempotencyKey,
): Promise<Product | undefined> {
  const [product] = await db<Product[]>`
    select ${db(columns)} from product
    where idempotency_key = ${key} and request_digest = ${digest}`;
  return product;
}

/** Saves all columns but the stock. */
export async function saveProduct(tx: Tx, product: Product): Promise<void> {
  const { name, description, priceMinor, maxQuantity, pictureUrls, active, updateTime } = product;
  const saved = { name, description, priceMinor, maxQuantity, pictureUrls, active, updateTime };
  await tx`
    update product set ${tx({ ...saved, ...indexColumns(product) })}
    where id = ${product.id}`;
}

/** Decreases the stock; negative quantities increase it. Lock the products first. */
export async function decrementStock(
  tx: Tx,
  taken: readonly { readonly productId: string; readonly quantity: number }[],
): Promise<void> {
  await tx`
    update product set stock = stock - quantity
    from unnest(
      ${taken.map(({ productId }) => productId)}::uuid[],
      ${taken.map(({ quantity }) => quantity)}::integer[]
    ) as taken (product_id, quantity)
    where product.id = product_id`;
}

export async function insertPrice(tx: Tx, price: Price): Promise<void> {
  await tx`insert into price ${tx(price)}`;
}

export function listPrices(
  db: Db,
  productId: string,
  before: string,
  limit: number,
): Promise<Price[]> {
  return db<Price[]>`
    select id, product_id, price_minor, currency, start_time from price
    where product_id = ${productId} and id < ${before}
    order by id desc limit ${limit}`;
}

/** Records the request. Returns the quantity of the earlier request with this key; undefined without one. */
export async function insertRestock(
  tx: Tx,
  productId: string,
  key: string,
  quantity: number,
  now: Date,
): Promise<number | undefined> {
  const { count } = await tx`
    insert into restock (product_id, idempotency_key, quantity, create_time)
    values (${productId}, ${key}, ${quantity}, ${now}) on conflict do nothing`;
  if (count === 1) return undefined;
  const [before] = await tx<{ quantity: number }[]>`
    select quantity from restock where product_id = ${productId} and idempotency_key = ${key}`;
  return before?.quantity;
}
