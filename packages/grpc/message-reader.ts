import { Code, ConnectError } from "@connectrpc/connect";
import { decompress, type Encoding, tooLarge } from "./compression.ts";
import { readUint32 } from "./frames.ts";
import type { Stream } from "./stream.ts";

export const prefixBytes = 5;

/**
 * Cuts the bytes of a stream into messages: a flag, four bytes of length, the message (gRPC over HTTP2,
 * "Length-Prefixed-Message"). A message that lies whole in a chunk is not copied.
 */
export class MessageReader {
  readonly #stream: Stream;
  readonly #maxBytes: number;
  readonly #onMessage: (message: Uint8Array, size: number) => void;
  #chunks: Buffer[] = [];
  #held = 0;
  #needed = prefixBytes;
  encoding: Encoding = "identity";

  /** `onMessage` gets each message and how many bytes of the stream it took, for `consume`. */
  constructor(
    stream: Stream,
    maxBytes: number,
    onMessage: (message: Uint8Array, size: number) => void,
  ) {
    this.#stream = stream;
    this.#maxBytes = maxBytes;
    this.#onMessage = onMessage;
  }

  /** Whether what came so far ends with a whole message. */
  get isWhole(): boolean {
    return this.#held === 0;
  }

  /** Throws a ConnectError on a message that is too large or broken. */
  push(chunk: Buffer): void {
    this.#held += chunk.length;
    if (this.#held < this.#needed) {
      this.#chunks.push(chunk);
      return;
    }
    let bytes = chunk;
    if (this.#chunks.length > 0) {
      this.#chunks.push(chunk);
      bytes = Buffer.concat(this.#chunks);
      this.#chunks = [];
    }
    let at = 0;
    while (bytes.length - at >= prefixBytes) {
      const length = readUint32(bytes, at + 1);
      if (length > this.#maxBytes) throw tooLarge(this.#maxBytes);
      const end = at + prefixBytes + length;
      if (end > bytes.length) break;
      const message = bytes.subarray(at + prefixBytes, end);
      this.#onMessage(this.#plain(bytes[at] ?? 0, message), end - at);
      at = end;
    }
    this.#keep(bytes.subarray(at));
  }

  #keep(rest: Buffer): void {
    this.#held = rest.length;
    this.#needed = prefixBytes;
    if (rest.length === 0) return;
    this.#chunks.push(rest);
    if (rest.length < prefixBytes) return;
    this.#needed = prefixBytes + readUint32(rest, 1);
    this.#stream.expect(this.#needed - rest.length);
  }

  #plain(flags: number, message: Uint8Array): Uint8Array {
    if (flags === 0) return message;
    if (flags !== 1) throw new ConnectError(`unknown message flags ${flags}`, Code.Internal);
    if (this.encoding === "identity") {
      throw new ConnectError("a compressed message without grpc-encoding", Code.Internal);
    }
    return decompress(message, this.#maxBytes);
  }
}
