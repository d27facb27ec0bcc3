import type { Limits } from "./connection-limits.ts";
import { ConnectionError, errorCode, flag } from "./frames.ts";

/** Takes a whole header block. */
export type OnBlock = (streamId: number, block: Uint8Array, isEnd: boolean) => void;

/** Puts header blocks together from HEADERS and CONTINUATION frames (RFC 9113, sections 6.2, 6.10). */
export class HeaderAssembler {
  readonly #limits: Limits;
  readonly #onBlock: OnBlock;
  #parts: Buffer[] = [];
  #bytes = 0;
  #isEnd = false;
  /** The stream whose block is under way; nothing else may come in between. 0 when there is none. */
  streamId = 0;

  constructor(limits: Limits, onBlock: OnBlock) {
    this.#limits = limits;
    this.#onBlock = onBlock;
  }

  headers(flags: number, streamId: number, payload: Buffer): void {
    if (streamId === 0) throw broken("HEADERS on stream 0");
    const isEnd = (flags & flag.endStream) !== 0;
    const fragment = bare(flags, payload);
    if (flags & flag.endHeaders) {
      this.#onBlock(streamId, fragment, isEnd);
      return;
    }
    this.streamId = streamId;
    this.#isEnd = isEnd;
    this.#keep(fragment);
  }

  continuation(flags: number, streamId: number, payload: Buffer): void {
    if (this.streamId === 0) throw broken(`CONTINUATION on stream ${streamId} without HEADERS`);
    this.#keep(payload);
    if (!(flags & flag.endHeaders)) return;
    const block = Buffer.concat(this.#parts);
    this.streamId = 0;
    this.#parts = [];
    this.#bytes = 0;
    this.#onBlock(streamId, block, this.#isEnd);
  }

  #keep(fragment: Buffer): void {
    this.#parts.push(fragment);
    this.#bytes += fragment.length;
    const { maxContinuations, maxHeaderListBytes } = this.#limits;
    if (this.#parts.length <= maxContinuations + 1 && this.#bytes <= 2 * maxHeaderListBytes) return;
    throw new ConnectionError(errorCode.enhanceYourCalm, "a header block that does not end");
  }
}

/** The payload without padding and priority. */
function bare(flags: number, payload: Buffer): Buffer {
  if (!(flags & (flag.padded | flag.priority))) return payload;
  const content = withoutPadding(flags, payload);
  if (!(flags & flag.priority)) return content;
  if (content.length < 5) throw sized("HEADERS without room for its priority");
  return content.subarray(5);
}

/** The payload without its padding (section 6.1). Throws when there is more padding than payload. */
export function withoutPadding(flags: number, payload: Buffer): Buffer {
  if (!(flags & flag.padded)) return payload;
  const [padding] = payload;
  if (padding === undefined) throw sized("no room for the length of the padding");
  if (padding >= payload.length) throw broken("more padding than payload");
  return payload.subarray(1, payload.length - padding);
}

const broken = (message: string) => new ConnectionError(errorCode.protocolError, message);
const sized = (message: string) => new ConnectionError(errorCode.frameSizeError, message);
