import type { Pool, Tx } from "@plaza/kit/db/database";
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from "jose";
import { after, day, minute } from "../domain/account.ts";
import type { StoredKey } from "../store/signing-keys.ts";
import * as store from "../store/signing-keys.ts";

/** How long an access token is good. */
export const accessTokenMs = 10 * minute;

const rotateMs = 30 * day;
/** A key is published this long before it signs, so that every verifier has read it by then. */
const publishAheadMs = 60 * minute;
/** How long one process goes by what it has read; other processes' new keys are in time for it. */
const rememberMs = minute;
/** Clocks of different machines agree to within this. */
const skewMs = minute;

export type SigningKey = { readonly kid: string; readonly key: CryptoKey };

/** The keys that access tokens are signed with. */
export type Keys = {
  /** The key that signs now. */
  signing(): Promise<SigningKey>;
  /** The public keys of every token that may be about, and of those to come. */
  published(): Promise<readonly JWK[]>;
};

type Ring = { readonly signing: SigningKey; readonly published: JWK[] };

/** Keys are made when needed, by whichever process needs them first, and replaced every 30 days. */
export function signingKeys(db: Pool, now: () => Date): Keys {
  let ring: Promise<Ring> | undefined;
  let until = 0;

  const current = (): Promise<Ring> => {
    if (ring && now().getTime() < until) return ring;
    until = now().getTime() + rememberMs;
    ring = load(db, now());
    ring.catch(() => {
      ring = undefined;
    });
    return ring;
  };
  return {
    signing: async () => (await current()).signing,
    published: async () => (await current()).published,
  };
}

async function load(db: Pool, now: Date): Promise<Ring> {
  let keys = await store.listKeys(db);
  if (nextSignTime(keys, now) || outlived(keys, now).length > 0) {
    keys = await db.begin((tx) => rotate(tx, now));
  }
  const signing = keys.findLast(({ signTime }) => signTime <= now);
  if (!signing) throw new Error("no signing key is in force");
  return {
    signing: { kid: signing.kid, key: (await importJWK(signing.privateJwk, "EdDSA")) as CryptoKey },
    published: keys.map(({ publicJwk }) => publicJwk),
  };
}

async function rotate(tx: Tx, now: Date): Promise<StoredKey[]> {
  await store.lockKeys(tx);
  const keys = await store.listKeys(tx);
  const signTime = nextSignTime(keys, now);
  if (signTime) await store.insertKey(tx, await newKey(signTime));
  await store.deleteKeys(tx, outlived(keys, now));
  return store.listKeys(tx);
}

/** From when on a key that is still to be made must sign; undefined when none is due. */
function nextSignTime(keys: readonly StoredKey[], now: Date): Date | undefined {
  const newest = keys.at(-1);
  // The first one is in force at once, also for a process whose clock is behind.
  if (!newest) return after(now, -skewMs);
  const due = after(newest.signTime, rotateMs);
  const soonest = after(now, publishAheadMs);
  return due > soonest ? undefined : soonest;
}

/** The keys whose last token has expired. */
function outlived(keys: readonly StoredKey[], now: Date): string[] {
  const lastToken = accessTokenMs + rememberMs + skewMs;
  return keys
    .filter((_, index) => {
      const next = keys[index + 1];
      return next !== undefined && after(next.signTime, lastToken) < now;
    })
    .map(({ kid }) => kid);
}

async function newKey(signTime: Date): Promise<StoredKey> {
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
