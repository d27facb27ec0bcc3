import { gunzipSync, gzipSync } from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";
import { messageTooLarge } from "./message-errors.ts";

/** The message encodings that this package implements. */
export type MessageEncoding = "gzip" | "identity";

export const acceptedEncodings = "gzip,identity";

export const isMessageEncoding = (name: string): name is MessageEncoding =>
  name === "gzip" || name === "identity";

/** Compresses a message at the fastest level. */
export function compress(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes, { level: 1 });
}

/**
 * Decompresses a message of at most `maxBytes`. Throws RESOURCE_EXHAUSTED once the output exceeds
 * that, and INTERNAL when the input is not gzip.
 */
export function decompress(bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw messageTooLarge(maxBytes);
    throw new ConnectError("a compressed message is corrupt", Code.Internal);
  }
}
