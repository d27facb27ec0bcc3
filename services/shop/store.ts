import type { Db, Tx } from "@plaza/kit/db";
import type { Product } from "./domain.ts";

const columns = ["id", "ownerId", "text", "createTime"];

export function findProducts(db: Db, ids: readonly string[]): Promise<Product[]> {
  return db<Product[]>`select ${db(columns)} from product where id = any(${ids}::uuid[])`;
}

export async function findProductByKey(
  db: Db,
  ownerId: string,
  key: string,
): Promise<Product | undefined> {
  const [product] = await db<Product[]>`
    select ${db(columns)} from product where owner_id = ${ownerId} and idempotency_key = ${key}`;
  return product;
}

/** Answers whether the product is new: the unique index, not an earlier read, has the last word. */
export async function insertProduct(
  tx: Tx,
  product: Product,
  key: string | null,
): Promise<boolean> {
  const { count } = await tx`
    insert into product ${tx({ ...product, idempotencyKey: key })}
    on conflict (owner_id, idempotency_key) where idempotency_key is not null do nothing`;
  return count === 1;
}
