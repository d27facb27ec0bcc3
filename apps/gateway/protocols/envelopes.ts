import { ByteBuffer } from "@plaza/rest/byte-buffer";

/** A flag and four bytes of length stand before each message of a stream of Connect, and of gRPC-Web. */
const envelopePrefixBytes = 5;
const envelopedTypePattern = /^application\/(connect\+|grpc-web)/i;

/**
 * The body of an RPC, in pieces that end where a message does. Connect keeps the pieces of an unfinished
 * message and adds up their lengths at each new one: one message in 50,000 of them held up the process for
 * seconds. A body with a message of more than maxBytes goes on as it comes from there, to be refused.
 */
export async function* splitEnvelopes(
  body: AsyncIterable<Uint8Array>,
  contentType: string | undefined,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  const isPrefixed = envelopedTypePattern.test(contentType ?? "");
  const held = new ByteBuffer(maxBytes + envelopePrefixBytes);
  for await (const chunk of body) {
    held.append(chunk);
    const size = isPrefixed ? completeLength(held.bytes, maxBytes) : 0;
    if (size > 0) yield held.take(size);
    else if (held.size > maxBytes + envelopePrefixBytes) yield held.take();
  }
  if (held.size > 0) yield held.take();
}

/** How many bytes at the beginning are messages that are there whole, or too large. */
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
