import { ConnectionError, frameSizeError, protocolError } from "./connection-error.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import { errorCode, flag } from "./frames.ts";

/** Receives a complete header block. */
export type HeaderBlockListener = (streamId: number, block: Uint8Array, isEnd: boolean) => void;

/** Assembles header blocks from HEADERS and CONTINUATION frames (RFC 9113, sections 6.2, 6.10). */
export class HeaderAssembler {
  readonly #limits: ConnectionLimits;
  readonly #onBlock: HeaderBlockListener;
  #fragments: Buffer[] = [];
  #bytes = 0;
  #isEnd = false;
  /** The stream whose block is incomplete; 0 when there is none. */
  streamId = 0;

  constructor(limits: ConnectionLimits, onBlock: HeaderBlockListener) {
    this.#limits = limits;
    this.#onBlock = onBlock;
  }

  onHeaders(flags: number, streamId: number, payload: Buffer): void {
    if (streamId === 0) throw protocolError("HEADERS on stream 0");
    const isEnd = (flags & flag.endStream) !== 0;
    const fragment = withoutPaddingAndPriority(flags, payload);
    if (flags & flag.endHeaders) {
      this.#onBlock(streamId, fragment, isEnd);
      return;
    }
    this.streamId = streamId;
    this.#isEnd = isEnd;
    this.#append(fragment);
  }

  onContinuation(flags: number, streamId: number, payload: Buffer): void {
    if (this.streamId === 0)
      throw protocolError(`CONTINUATION on stream ${streamId} without HEADERS`);
    this.#append(payload);
    if (!(flags & flag.endHeaders)) return;
    const block = Buffer.concat(this.#fragments);
    this.streamId = 0;
    this.#fragments = [];
    this.#bytes = 0;
    this.#onBlock(streamId, block, this.#isEnd);
  }

  #append(fragment: Buffer): void {
    // A copy: each fragment would keep the whole chunk that it came in.
    this.#fragments.push(Buffer.from(fragment));
    this.#bytes += fragment.length;
    const { maxContinuations, maxHeaderListBytes } = this.#limits;
    if (this.#fragments.length <= maxContinuations + 1 && this.#bytes <= 2 * maxHeaderListBytes)
      return;
    throw new ConnectionError(errorCode.enhanceYourCalm, "a header block that does not end");
  }
}

/** The payload without padding and priority. */
function withoutPaddingAndPriority(flags: number, payload: Buffer): Buffer {
  if (!(flags & (flag.padded | flag.priority))) return payload;
  const content = withoutPadding(flags, payload);
  if (!(flags & flag.priority)) return content;
  if (content.length < 5) throw frameSizeError("HEADERS without room for its priority");
  return content.subarray(5);
}

/** The payload without its padding (section 6.1). Throws a ConnectionError when there is more padding than payload. */
export function withoutPadding(flags: number, payload: Buffer): Buffer {
  if (!(flags & flag.padded)) return payload;
  const [padding] = payload;
  if (padding === undefined) throw frameSizeError("no room for the length of the padding");
  if (padding >= payload.length) throw protocolError("more padding than payload");
  return payload.subarray(1, payload.length - padding);
}
