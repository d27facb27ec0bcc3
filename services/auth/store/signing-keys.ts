import type { Db, Tx } from "@plaza/kit/db/database";
import type { JWK } from "jose";

export type StoredSigningKey = {
  readonly kid: string;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
  /** The key signs from this time until that of the next key. */
  readonly signTime: Date;
};

export function listSigningKeys(db: Db): Promise<StoredSigningKey[]> {
  return db<StoredSigningKey[]>`
    select kid, private_jwk, public_jwk, sign_time from signing_key order by sign_time`;
}

/** Lets one process at a time rotate the keys. */
export async function lockSigningKeys(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('signing_key'))`;
}

export async function insertSigningKey(tx: Tx, key: StoredSigningKey): Promise<void> {
  const { kid, privateJwk, publicJwk, signTime } = key;
  await tx`
    insert into signing_key (kid, private_jwk, public_jwk, sign_time)
    values (${kid}, ${tx.json(privateJwk as never)}, ${tx.json(publicJwk as never)}, ${signTime})`;
}

export async function deleteSigningKeys(tx: Tx, kids: readonly string[]): Promise<void> {
  await tx`delete from signing_key where kid = any (${[...kids]}::text[])`;
}
