/** A random 128-bit key in hexadecimal. A server runs a request once for each key. */
export function newIdempotencyKey(): string {
  // crypto.randomUUID exists on https and localhost only, and Plaza may be served on a home network.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
