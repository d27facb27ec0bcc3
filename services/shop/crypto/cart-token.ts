import { hash, randomBytes } from "node:crypto";

const cartTokenPattern = /^plz_ct_[\w-]{43}$/;

/** A secret for an anonymous cart: 256 random bits, with a prefix by which scanners find leaked ones. */
export function newCartToken(): string {
  return `plz_ct_${randomBytes(32).toString("base64url")}`;
}

export function sha256(token: string): Buffer {
  return hash("sha256", token, "buffer");
}

export function isCartToken(text: string): boolean {
  return cartTokenPattern.test(text);
}
