import type { Fields } from "../hpack/decoder.ts";
import type { Connection } from "./connection.ts";
import { defaultWindow, errorCode } from "./frames.ts";
import { SendQueue } from "./sender.ts";

/** What the layer above hears of a stream. */
export type StreamListener = {
  /** A header block: of the answer, then of trailers; a server's request is given to `accept`. */
  onHeaders(fields: Fields, isEnd: boolean): void;
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

const overrun: StreamProblem = {
  code: errorCode.flowControlError,
  message: "more DATA than the window allows",
};
const misled: StreamProblem = {
  code: errorCode.protocolError,
  message: "not as long as content-length says",
};

const smallestGrant = 16 * 1024;

/** One stream of a connection. */
export class Stream extends SendQueue {
  readonly #connection: Connection;
  listener: StreamListener | undefined;
  /** Whether the peer has ended its side. */
  isRemoteOver = false;
  isClosed = false;
  /** What content-length has promised and is still to come. */
  promisedBytes: number | undefined;
  /** What the peer may still send. */
  receiveWindow = defaultWindow;
  /** Received, but not yet consumed. */
  buffered = 0;

  constructor(connection: Connection, id: number, sendWindow: number) {
    super(id, sendWindow);
    this.#connection = connection;
  }

  /** The network address of the peer, if it has one. */
  get remoteAddress(): string | undefined {
    return this.#connection.remoteAddress;
  }

  sendHeaders(fields: Fields, isEnd = false): void {
    if (this.isClosed || this.isSent) return;
    if (this.id === 0) this.#connection.begin(this);
    if (this.isClosed) return;
    this.#connection.sender.headers(this.id, fields, isEnd);
    if (!isEnd) return;
    this.isSent = true;
    this.onSent();
  }

  /** Sends a message. False when the queue is full: better wait for `onDrain`. */
  sendData(prefix: Uint8Array, body: Uint8Array, isEnd = false): boolean {
    if (this.isClosed || this.isSent) return true;
    this.#connection.sender.data(this, prefix, body, isEnd);
    return !this.isFull;
  }

  /** Ends our side behind what was sent before. */
  end(trailers?: Fields): void {
    if (this.isClosed || this.isSent) return;
    this.#connection.sender.end(this, trailers);
  }

  /**
   * Counts bytes that have come in: those of the message, and those that took window. Answers what the
   * peer did wrong, if anything.
   */
  receive(bytes: number, size: number, isEnd: boolean): StreamProblem | undefined {
    this.receiveWindow -= size;
    if (this.receiveWindow < 0) return overrun;
    this.buffered += bytes;
    this.#connection.buffered += bytes;
    if (this.promisedBytes === undefined) return undefined;
    this.promisedBytes -= bytes;
    return this.promisedBytes < 0 || (isEnd && this.promisedBytes > 0) ? misled : undefined;
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
    const taken = Math.min(bytes, this.buffered);
    this.buffered -= taken;
    this.#connection.buffered -= taken;
    if (this.isClosed || this.isRemoteOver) return;
    const room = defaultWindow - this.receiveWindow - this.buffered;
    if (room >= defaultWindow / 2) this.#widen(room);
  }

  /** Lets the peer send this much without waiting: the rest of a message that has begun. */
  expect(bytes: number): void {
    if (this.isRemoteOver || this.isClosed || this.receiveWindow >= bytes) return;
    // Not by a few bytes, many of which look like an attack.
    this.#widen(Math.max(bytes - this.receiveWindow, smallestGrant));
  }

  /** Says that the work on the stream goes on when the stream is over (1), or that it has ended (-1). */
  orphan(change: 1 | -1): void {
    this.#connection.orphans += change;
  }

  override onDrain(): void {
    this.listener?.onDrain();
  }

  override onSent(): void {
    this.#connection.sentAll(this);
  }

  /** Called by the connection: hands over bytes, after which the peer may have ended its side. */
  takeData(bytes: Buffer, isEnd: boolean): void {
    if (isEnd) this.isRemoteOver = true;
    this.listener?.onData(bytes, isEnd);
    if (isEnd && this.isSent) this.#connection.closeStream(this);
  }

  /** Called by the connection: hands over a header block, as with data. */
  takeHeaders(fields: Fields, isEnd: boolean): void {
    if (isEnd) this.isRemoteOver = true;
    this.listener?.onHeaders(fields, isEnd);
    if (isEnd && this.isSent) this.#connection.closeStream(this);
  }

  /** Called by the connection: both are over, or something has ended the stream early. */
  abort(code: number, message: string): void {
    const { listener } = this;
    this.listener = undefined;
    listener?.onAbort(code, message);
  }

  #widen(bytes: number): void {
    this.receiveWindow += bytes;
    this.#connection.windowUpdate(this.id, bytes);
  }
}
