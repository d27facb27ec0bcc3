import type { Db, Tx } from "@plaza/kit/db/database";

/** Call it for unknown accounts too, so that timing does not reveal which accounts exist. */
export async function isKnownAddress(
  db: Db,
  accountId: string,
  addressHash: Uint8Array,
): Promise<boolean> {
  const [row] = await db`
    select from known_address where account_id = ${accountId} and address_hash = ${addressHash}`;
  return row !== undefined;
}

export async function insertKnownAddress(
  tx: Tx,
  accountId: string,
  addressHash: Uint8Array,
  now: Date,
): Promise<void> {
  await tx`
    insert into known_address (account_id, address_hash, use_time)
    values (${accountId}, ${addressHash}, ${now})
    on conflict (account_id, address_hash) do update set use_time = excluded.use_time`;
}

export async function deleteKnownAddresses(db: Db, usedBefore: Date): Promise<void> {
  await db`delete from known_address where use_time < ${usedBefore}`;
}
