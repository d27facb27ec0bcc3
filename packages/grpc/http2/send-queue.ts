import type { HeaderFields } from "../hpack/header-fields.ts";

const maxQueueBytes = 64 * 1024;

/** The sending half of a stream. */
export abstract class SendQueue {
  /** 0 until a stream of ours begins, because streams must begin in the order of their ids. */
  id: number;
  /** Bytes that the peer lets this stream send (RFC 9113, section 6.9). */
  sendWindow: number;
  /** Bytes in `chunks`. */
  queuedBytes = 0;
  readonly chunks: Uint8Array[] = [];
  /** Whether nothing but trailers follows what is queued. */
  isEnding = false;
  /** Whether the last frame has been written. */
  isEndSent = false;
  trailers: HeaderFields | undefined;

  constructor(id: number, window: number) {
    this.id = id;
    this.sendWindow = window;
  }

  /** Whether the writer should wait for `onDrain`. */
  get isFull(): boolean {
    return this.queuedBytes >= maxQueueBytes;
  }

  /** Called when a full queue has room again. */
  abstract onDrain(): void;

  /** Called when the last frame has been written. */
  abstract onEndSent(): void;
}
