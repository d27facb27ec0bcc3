import type { HeaderFields } from "../hpack/decoder.ts";
import type { Http2Connection } from "./connection.ts";
import { defaultWindowBytes, errorCode } from "./frames.ts";
import { SendQueue } from "./sender.ts";

/** What the layer above hears of a stream. */
export type Http2StreamListener = {
  /** A header block: of the answer, then of trailers; a server's request is given to `accept`. */
  onHeaders(fields: HeaderFields, isEnd: boolean): void;
  /** Bytes; a view that may be kept. Whoever has taken them says so through `consume`. */
  onData(bytes: Buffer, isEnd: boolean): void;
  /**
   * The stream is over before both sides have ended it: the peer reset it, with this code, or the
   * connection is gone. Nothing follows.
   */
  onAbort(code: number, message: string): void;
  /** A full queue has room again. */
  onDrain(): void;
  /**
   * About once a second while the stream is open, for whoever minds how long something takes.
   *
   * @param now as `performance.now()` has it
   */
  onTick?(now: number): void;
};

/** What the peer did wrong on one stream, and the code that says so. */
export type StreamProblem = { readonly code: number; readonly message: string };

const windowExceeded: StreamProblem = {
  code: errorCode.flowControlError,
  message: "more DATA than the window allows",
};
const contentLengthMismatch: StreamProblem = {
  code: errorCode.protocolError,
  message: "not as long as content-length says",
};

const minWindowUpdateBytes = 16 * 1024;

/** One stream of a connection. */
export class Http2Stream extends SendQueue {
  readonly #connection: Http2Connection;
  listener: Http2StreamListener | undefined;
  /** Whether the peer has ended its side. */
  isRemoteEnded = false;
  isClosed = false;
  /** What content-length has promised and is still to come. */
  remainingContentLength: number | undefined;
  /** What the peer may still send. */
  receiveWindow = defaultWindowBytes;
  /** Received, but not yet consumed. */
  bufferedBytes = 0;

  constructor(connection: Http2Connection, id: number, sendWindow: number) {
    super(id, sendWindow);
    this.#connection = connection;
  }

  /** The network address of the peer, if it has one. */
  get remoteAddress(): string | undefined {
    return this.#connection.remoteAddress;
  }

  sendHeaders(fields: HeaderFields, isEnd = false): void {
    if (this.isClosed || this.isEndSent) return;
    if (this.id === 0) this.#connection.assignStreamId(this);
    if (this.isClosed) return;
    this.#connection.sender.writeHeaders(this.id, fields, isEnd);
    if (!isEnd) return;
    this.isEndSent = true;
    this.onEndSent();
  }

  /** Sends a message. False when the queue is full: better wait for `onDrain`. */
  sendData(prefix: Uint8Array, body: Uint8Array, isEnd = false): boolean {
    if (this.isClosed || this.isEndSent) return true;
    this.#connection.sender.writeMessage(this, prefix, body, isEnd);
    return !this.isFull;
  }

  /** Ends our side behind what was sent before. */
  end(trailers?: HeaderFields): void {
    if (this.isClosed || this.isEndSent) return;
    this.#connection.sender.writeEnd(this, trailers);
  }

  /**
   * Counts bytes that have come in: those of the message, and those that took window. Answers what the
   * peer did wrong, if anything.
   */
  countReceived(bytes: number, size: number, isEnd: boolean): StreamProblem | undefined {
    this.receiveWindow -= size;
    if (this.receiveWindow < 0) return windowExceeded;
    this.bufferedBytes += bytes;
    this.#connection.bufferedBytes += bytes;
    if (this.remainingContentLength === undefined) return undefined;
    this.remainingContentLength -= bytes;
    return this.remainingContentLength < 0 || (isEnd && this.remainingContentLength > 0)
      ? contentLengthMismatch
      : undefined;
  }

  /** Ends both sides at once. Nothing is heard of the stream afterwards. */
  reset(code: number): void {
    if (this.isClosed) return;
    if (this.id !== 0) this.#connection.sendReset(this.id, code, this.receiveWindow);
    this.listener = undefined;
    this.#connection.closeStream(this);
  }

  /** Says that bytes given to `onData` have been taken, so that the peer may send as many again. */
  consume(bytes: number): void {
    const taken = Math.min(bytes, this.bufferedBytes);
    this.bufferedBytes -= taken;
    this.#connection.bufferedBytes -= taken;
    if (this.isClosed || this.isRemoteEnded) return;
    const room = defaultWindowBytes - this.receiveWindow - this.bufferedBytes;
    if (room >= defaultWindowBytes / 2) this.#growReceiveWindow(room);
  }

  /** Lets the peer send this much without waiting: the rest of a message that has begun. */
  growWindowTo(bytes: number): void {
    if (this.isRemoteEnded || this.isClosed || this.receiveWindow >= bytes) return;
    // Not by a few bytes, many of which look like an attack.
    this.#growReceiveWindow(Math.max(bytes - this.receiveWindow, minWindowUpdateBytes));
  }

  /** Says that the work on the stream goes on when the stream is over (1), or that it has ended (-1). */
  countOrphan(change: 1 | -1): void {
    this.#connection.orphanedHandlers += change;
  }

  override onDrain(): void {
    this.listener?.onDrain();
  }

  override onEndSent(): void {
    this.#connection.onLocalEnd(this);
  }

  /** Called by the connection: hands over bytes, after which the peer may have ended its side. */
  deliverData(bytes: Buffer, isEnd: boolean): void {
    if (isEnd) this.isRemoteEnded = true;
    this.listener?.onData(bytes, isEnd);
    if (isEnd && this.isEndSent) this.#connection.closeStream(this);
  }

  /** Called by the connection: hands over a header block, as with data. */
  deliverHeaders(fields: HeaderFields, isEnd: boolean): void {
    if (isEnd) this.isRemoteEnded = true;
    this.listener?.onHeaders(fields, isEnd);
    if (isEnd && this.isEndSent) this.#connection.closeStream(this);
  }

  /** Called by the connection: both are over, or something has ended the stream early. */
  abort(code: number, message: string): void {
    const { listener } = this;
    this.listener = undefined;
    listener?.onAbort(code, message);
  }

  #growReceiveWindow(bytes: number): void {
    this.receiveWindow += bytes;
    this.#connection.sendWindowUpdate(this.id, bytes);
  }
}
