import { promisify } from "node:util";
import { gunzip, gunzipSync, gzipSync } from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";
import { readUint32 } from "../http2/frames.ts";
import { withoutLargeBuffer } from "../http2/retained-bytes.ts";
import { FairQueue } from "./fair-queue.ts";
import { messageTooLarge } from "./message-errors.ts";

/** The message encodings that this package implements. */
export type MessageEncoding = "gzip" | "identity";

export const acceptedEncodings = "gzip,identity";

/** Up to this size, before and after, a message is decompressed at once, which takes about 0.1 ms. */
const maxSyncDecompressionBytes = 16 * 1024;
const chunkBytes = 64 * 1024;
/** Half of the threads that Node.js has for this, DNS, files and hashes. */
const maxRunning = 2;

const gunzipAsync = promisify(gunzip);
const decompressions = new FairQueue(maxRunning);

export const isMessageEncoding = (name: string): name is MessageEncoding =>
  name === "gzip" || name === "identity";

/** Compresses a message at the fastest level. */
export function compress(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes, { level: 1 });
}

/** Who decompresses a message. */
type DecompressionCaller = {
  /** Those of the same owner, a connection, take one turn together. */
  readonly owner: object;
  /** Whether the message is still wanted when its turn has come. */
  isWanted(): boolean;
};

/**
 * Decompresses a message of at most `maxBytes`: at once when it is small, otherwise on another thread. Throws or
 * rejects with RESOURCE_EXHAUSTED once the output exceeds `maxBytes`, INTERNAL when the input is not gzip, and
 * CANCELED when it is no longer wanted.
 */
export function decompress(
  bytes: Uint8Array,
  maxBytes: number,
  caller: DecompressionCaller,
): Uint8Array | Promise<Uint8Array> {
  const syncBytes = Math.min(maxBytes, maxSyncDecompressionBytes);
  if (bytes.length <= syncBytes && announcedSize(bytes) <= syncBytes) {
    try {
      return gunzipSync(bytes, { maxOutputLength: syncBytes });
    } catch (error) {
      const isLargerThanAnnounced = error instanceof RangeError && syncBytes < maxBytes;
      if (!isLargerThanAnnounced) throw decompressionError(error, maxBytes);
    }
  }
  // It may wait for long.
  const input = withoutLargeBuffer(bytes);
  return decompressions.run(caller.owner, async () => {
    if (!caller.isWanted()) throw new ConnectError("the call has ended", Code.Canceled);
    try {
      return await gunzipAsync(input, { maxOutputLength: maxBytes, chunkSize: chunkBytes });
    } catch (error) {
      throw decompressionError(error, maxBytes);
    }
  });
}

/** The size that gzip ends with (RFC 1952, section 2.3.1): what the last member became. It may be false. */
function announcedSize(bytes: Uint8Array): number {
  const at = bytes.length - 4;
  if (at < 0) return 0;
  return readUint32(bytes.subarray(at).toReversed(), 0);
}

function decompressionError(error: unknown, maxBytes: number): ConnectError {
  if (error instanceof RangeError) return messageTooLarge(maxBytes);
  return new ConnectError("a compressed message is corrupt", Code.Internal);
}
