/** The capacity up to which a buffer may be larger than twice its content. */
export const minCapacityBytes = 256;

/** Whether a view of that many bytes keeps much more memory than it shows. */
export function isSmallPart(byteLength: number, heldBytes: number): boolean {
  return heldBytes > 2 * byteLength + minCapacityBytes;
}

/**
 * The bytes themselves, or a copy when they are a small part of their buffer: a few bytes of a chunk that came from
 * a socket would keep all 64 KiB of it.
 */
export function withoutLargeBuffer(bytes: Uint8Array): Uint8Array {
  if (!isSmallPart(bytes.length, bytes.buffer.byteLength)) return bytes;
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
