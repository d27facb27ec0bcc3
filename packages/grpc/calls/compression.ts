import { gunzipSync, gzipSync } from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";

/** The compressions that this package knows; "identity" is none. */
export type MessageEncoding = "gzip" | "identity";

export const acceptedEncodings = "gzip,identity";

export const isMessageEncoding = (name: string): name is MessageEncoding =>
  name === "gzip" || name === "identity";

/** Compresses a message. The fastest level: the aim is fewer bytes on the wire, not the fewest. */
export function compress(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes, { level: 1 });
}

/**
 * Decompresses a message of at most `maxBytes`. Throws RESOURCE_EXHAUSTED as soon as it turns out to be
 * larger, and INTERNAL when it is not gzip.
 */
export function decompress(bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw messageTooLarge(maxBytes);
    throw new ConnectError("a compressed message is broken", Code.Internal);
  }
}

/** The refusal of a message that is larger than its receiver allows. */
export function messageTooLarge(maxBytes: number): ConnectError {
  return new ConnectError(`a message is larger than ${maxBytes} bytes`, Code.ResourceExhausted);
}
