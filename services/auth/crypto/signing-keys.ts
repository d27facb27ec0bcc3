import type { Pool, Tx } from "@plaza/kit/db/database";
import { accessTokenTtlMs } from "@plaza/kit/identity/caller";
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from "jose";
import { addMs, dayMs, maxClockSkewMs, minuteMs } from "../domain/time.ts";
import type { StoredSigningKey } from "../store/signing-keys.ts";
import * as store from "../store/signing-keys.ts";

const keyRotationMs = 30 * dayMs;
/** A key is published this long before it signs, so that every verifier has read it by then. */
const publishAheadMs = 60 * minuteMs;
/** How long a process caches the keys that it has read; less than `publishAheadMs`. */
const keyCacheMs = minuteMs;

export type SigningKey = { readonly kid: string; readonly key: CryptoKey };

/** The keys that sign access tokens. */
export type SigningKeys = {
  /** The key that signs now. */
  currentKey(): Promise<SigningKey>;
  /** The public keys of all valid tokens, and of the next key to sign. */
  publicKeys(): Promise<readonly JWK[]>;
};

type KeyRing = { readonly signing: SigningKey; readonly published: JWK[] };

/** Keys are generated on demand, by the first process that needs one, and rotated every 30 days. */
export function createSigningKeys(db: Pool, now: () => Date): SigningKeys {
  let ring: Promise<KeyRing> | undefined;
  let until = 0;

  const current = (): Promise<KeyRing> => {
    if (ring && now().getTime() < until) return ring;
    until = now().getTime() + keyCacheMs;
    ring = loadKeyRing(db, now());
    ring.catch(() => {
      ring = undefined;
    });
    return ring;
  };
  return {
    currentKey: async () => (await current()).signing,
    publicKeys: async () => (await current()).published,
  };
}

async function loadKeyRing(db: Pool, now: Date): Promise<KeyRing> {
  let keys = await store.listSigningKeys(db);
  if (nextSignTime(keys, now) || expiredKeyIds(keys, now).length > 0) {
    keys = await db.begin((tx) => rotateKeys(tx, now));
  }
  const signing = keys.findLast(({ signTime }) => signTime <= now);
  if (!signing) throw new Error("no current signing key");
  return {
    signing: { kid: signing.kid, key: (await importJWK(signing.privateJwk, "EdDSA")) as CryptoKey },
    published: keys.map(({ publicJwk }) => publicJwk),
  };
}

async function rotateKeys(tx: Tx, now: Date): Promise<StoredSigningKey[]> {
  await store.lockSigningKeys(tx);
  const keys = await store.listSigningKeys(tx);
  const signTime = nextSignTime(keys, now);
  if (signTime) await store.insertSigningKey(tx, await generateKey(signTime));
  await store.deleteSigningKeys(tx, expiredKeyIds(keys, now));
  return store.listSigningKeys(tx);
}

/** The time from which the next key must sign; undefined when no key is due. */
function nextSignTime(keys: readonly StoredSigningKey[], now: Date): Date | undefined {
  const newest = keys.at(-1);
  // The first key signs at once, also in a process whose clock is behind.
  if (!newest) return addMs(now, -maxClockSkewMs);
  const due = addMs(newest.signTime, keyRotationMs);
  const soonest = addMs(now, publishAheadMs);
  return due > soonest ? undefined : soonest;
}

/** The keys whose last token has expired. */
function expiredKeyIds(keys: readonly StoredSigningKey[], now: Date): string[] {
  const lastToken = accessTokenTtlMs + keyCacheMs + maxClockSkewMs;
  return keys
    .filter((_, index) => {
      const next = keys[index + 1];
      return next !== undefined && addMs(next.signTime, lastToken) < now;
    })
    .map(({ kid }) => kid);
}

async function generateKey(signTime: Date): Promise<StoredSigningKey> {
  const pair = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const publicPart = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicPart);
  return {
    kid,
    privateJwk: await exportJWK(pair.privateKey),
    publicJwk: { ...publicPart, kid, alg: "EdDSA", use: "sig" },
    signTime,
  };
}
