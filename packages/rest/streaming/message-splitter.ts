import { ByteBuffer } from "../http/byte-buffer.ts";
import { RestError } from "../http/rest-error.ts";

/** One message of a body that holds many: its part of the body, and what errors call it. */
export type MessageSlice = { body: Uint8Array; name: string };

/** Cuts a body into messages. It holds one at a time, of maxBytes at the most, or throws RestError. */
export type MessageSplitter = (
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
) => AsyncGenerator<MessageSlice, void>;

const lineFeed = 0x0a;
const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;

/** The bytes of a file as they come. An empty file is a message too, so that its name gets there. */
export async function* splitChunks(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<MessageSlice, void> {
  const held = new SliceBuffer("chunk", maxBytes);
  for await (const chunk of chunks) {
    held.add(chunk);
    if (chunk.length > 0) yield held.take();
  }
  if (held.count === 0) yield held.take();
}

/** The lines of a body. Blank ones count, but say nothing. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<MessageSlice, void> {
  const line = new SliceBuffer("line", maxBytes);
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      line.add(chunk.subarray(start, end));
      start = end + 1;
      const slice = line.take();
      if (!isBlank(slice)) yield slice;
    }
    line.add(chunk.subarray(start));
  }
  const last = line.take();
  if (!isBlank(last)) yield last;
}

/**
 * The items of a JSON array. It looks for the commas between them alone: whether an item is JSON is for
 * its reader to say.
 */
export async function* splitArray(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<MessageSlice, void> {
  const item = new SliceBuffer("item", maxBytes);
  const marks = new ArrayScanner();
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const mark = marks.next(chunk[at] ?? 0);
      if (mark === undefined) continue;
      if (mark !== "open") {
        item.add(chunk.subarray(start, at));
        const isEmptyArray = mark === "close" && item.count === 0;
        const slice = item.take();
        if (!isBlank(slice)) yield slice;
        else if (!isEmptyArray) throw malformedJson(`${slice.name} is missing`);
      }
      start = at + 1;
    }
    if (marks.isInside) item.add(chunk.subarray(start));
  }
  if (!marks.isClosed) throw malformedJson("the array is not closed");
}

/** Where the array begins, where an item ends, and where the array does, from one byte to the next. */
class ArrayScanner {
  #state: "before" | "inside" | "text" | "escape" | "after" = "before";
  #depth = 0;

  get isInside(): boolean {
    return this.#state !== "before" && this.#state !== "after";
  }

  get isClosed(): boolean {
    return this.#state === "after";
  }

  next(byte: number): "open" | "comma" | "close" | undefined {
    switch (this.#state) {
      case "inside":
        return this.#inside(byte);
      case "text":
        if (byte === backslash) this.#state = "escape";
        else if (byte === quote) this.#state = "inside";
        return undefined;
      case "escape":
        this.#state = "text";
        return undefined;
      case "before":
        if (isSpace(byte)) return undefined;
        if (byte !== openBracket) throw malformedJson("the body must be a JSON array");
        this.#state = "inside";
        return "open";
      case "after":
        if (!isSpace(byte)) throw malformedJson("unexpected data after the array");
        return undefined;
    }
  }

  #inside(byte: number): "comma" | "close" | undefined {
    if (byte === quote) this.#state = "text";
    else if (this.#depth === 0 && byte === comma) return "comma";
    else if (this.#depth === 0 && byte === closeBracket) {
      this.#state = "after";
      return "close";
    } else {
      // Brackets and braces differ in one bit, which is left for the reader of the item to check.
      const bracket = byte | 0x20;
      if (bracket === 0x7b) this.#depth++;
      else if (bracket === 0x7d && this.#depth > 0) this.#depth--;
    }
    return undefined;
  }
}

/** What has come of one slice so far. */
class SliceBuffer {
  readonly #kind: string;
  readonly #maxBytes: number;
  readonly #bytes: ByteBuffer;
  /** How many slices there have been. */
  count = 0;

  constructor(kind: "line" | "item" | "chunk", maxBytes: number) {
    this.#kind = kind;
    this.#maxBytes = maxBytes;
    this.#bytes = new ByteBuffer(maxBytes);
  }

  add(piece: Uint8Array): void {
    if (this.#bytes.size + piece.length > this.#maxBytes) {
      const message = `${this.#kind} ${this.count + 1} is larger than ${this.#maxBytes} bytes`;
      throw new RestError("BODY_TOO_LARGE", message);
    }
    this.#bytes.append(piece);
  }

  /** The whole slice, whose place is taken by the next one. */
  take(): MessageSlice {
    const body = this.#bytes.take();
    this.count++;
    return { body, name: `${this.#kind} ${this.count}` };
  }
}

function isBlank({ body }: MessageSlice): boolean {
  return body.every(isSpace);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function malformedJson(message: string): RestError {
  return new RestError("MALFORMED_JSON", message);
}
