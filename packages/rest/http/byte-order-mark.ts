const mark = [0xef, 0xbb, 0xbf];

/** The text without the byte order mark that it may begin with (RFC 8259, section 8.1, lets parsers ignore it). */
export function withoutByteOrderMark(text: Uint8Array): Uint8Array {
  return mark.every((byte, at) => text[at] === byte) ? text.subarray(mark.length) : text;
}

/** The same for a text in chunks. */
export async function* chunksWithoutByteOrderMark(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let start: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of chunks) {
    if (!start) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < mark.length) continue;
    yield withoutByteOrderMark(start);
    start = undefined;
  }
  if (start) yield start;
}
