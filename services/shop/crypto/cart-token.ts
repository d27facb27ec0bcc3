import { hash, randomBytes } from "node:crypto";

const cartTokenPattern = /^plz_ct_[\w-]{43}$/;

/** A secret for an anonymous cart: 256 bits. Its beginning says what it is. */
export function newCartToken(): string {
  return `plz_ct_${randomBytes(32).toString("base64url")}`;
}

/** What is kept of a secret. */
export function sha256(token: string): Buffer {
  return hash("sha256", token, "buffer");
}

export function isCartToken(text: string): boolean {
  return cartTokenPattern.test(text);
}
