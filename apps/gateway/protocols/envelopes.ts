import { ByteBuffer } from "@plaza/rest/byte-buffer";
import { mediaTypeOf } from "../http/media-type.ts";

/** A flag and a length of four bytes precede each message of a Connect stream, of gRPC and of gRPC-Web. */
const envelopePrefixBytes = 5;
const envelopedTypePattern = /^application\/(connect\+|grpc)/;

/**
 * Re-chunks a body on envelope boundaries: Connect adds up the chunks of a partial message at each new one,
 * which is quadratic; one message in 50,000 chunks blocked the process for seconds. Messages over maxBytes pass
 * through as they come, to be rejected.
 */
export async function* splitEnvelopes(
  body: AsyncIterable<Uint8Array>,
  contentType: string | undefined,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  const isPrefixed = envelopedTypePattern.test(mediaTypeOf(contentType));
  const buffered = new ByteBuffer(maxBytes + envelopePrefixBytes);
  for await (const chunk of body) {
    buffered.append(chunk);
    const size = isPrefixed ? completeLength(buffered.bytes, maxBytes) : 0;
    if (size > 0) yield buffered.take(size);
    else if (buffered.size > maxBytes + envelopePrefixBytes) yield buffered.take();
  }
  if (buffered.size > 0) yield buffered.take();
}

/** How many of the first bytes are complete messages; all of them when a message is too large. */
function completeLength(bytes: Uint8Array, maxBytes: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = 0;
  while (bytes.length - end >= envelopePrefixBytes) {
    const length = view.getUint32(end + 1);
    if (length > maxBytes) return bytes.length;
    if (bytes.length - end < envelopePrefixBytes + length) break;
    end += envelopePrefixBytes + length;
  }
  return end;
}
