import type { HeaderFields } from "../hpack/header-fields.ts";
import type { FrameSender } from "./frame-sender.ts";
import { defaultWindowBytes, errorCode } from "./frames.ts";
import { SendQueue } from "./send-queue.ts";
import type { TurnBudget } from "./turn-budget.ts";

/** Receives what happens on a stream. */
export type Http2StreamListener = {
  /** A header block: of the response, or trailers. A request's own is passed to the server instead. */
  onHeaders(fields: HeaderFields, isEnd: boolean): void;
  /** Bytes, which may be kept. Call `consume` once they are read, so that the peer may send more. */
  onData(bytes: Buffer, isEnd: boolean): void;
  /**
   * The stream was cut off before both sides ended it: the peer reset it with this code, or the connection
   * was lost. Nothing follows.
   */
  onAbort(code: number, message: string): void;
  /** A full send queue has room again. */
  onDrain(): void;
  /**
   * Called about once a second while the stream is open, to check timeouts.
   *
   * @param now of `performance.now()`
   */
  onTick?(now: number): void;
};

/** A violation by the peer that ends one stream, and its error code. */
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

/** What a stream uses of its connection. */
export type StreamConnection = {
  readonly remoteAddress: string | undefined;
  readonly maxSentHeaderListBytes: number;
  readonly sender: FrameSender;
  /** Bounds the messages that are read in a turn of the event loop. */
  readonly messageBudget: TurnBudget;
  /** Counts work that costs as much as receiving so many bytes. */
  spendTurn(bytes: number): void;
  bufferedBytes: number;
  orphanedHandlers: number;
  assignStreamId(stream: Http2Stream): void;
  sendReset(streamId: number, code: number, window?: number): void;
  sendWindowUpdate(streamId: number, bytes: number): void;
  closeStream(stream: Http2Stream): void;
  onLocalEnd(stream: Http2Stream): void;
  onRemoteEnd(stream: Http2Stream): void;
};

/** One stream of a connection. */
export class Http2Stream extends SendQueue {
  readonly #connection: StreamConnection;
  listener: Http2StreamListener | undefined;
  /** Whether the peer has ended its side. */
  isRemoteEnded = false;
  isClosed = false;
  /** Whether our side has begun. */
  hasSentHeaders = false;
  /** Bytes of the announced content-length that have not arrived. */
  remainingContentLength: number | undefined;
  /** Bytes that the peer may still send. */
  receiveWindow = defaultWindowBytes;
  /** Bytes received and not yet consumed. */
  bufferedBytes = 0;

  constructor(connection: StreamConnection, id: number, sendWindow: number) {
    super(id, sendWindow);
    this.#connection = connection;
  }

  /** The network address of the peer, if it has one. */
  get remoteAddress(): string | undefined {
    return this.#connection.remoteAddress;
  }

  /** The largest header list that the peer accepts, as RFC 9113, section 6.5.2 counts it. */
  get maxSentHeaderListBytes(): number {
    return this.#connection.maxSentHeaderListBytes;
  }

  sendHeaders(fields: HeaderFields, isEnd = false): void {
    if (this.isClosed || this.isEndSent) return;
    if (this.id === 0) this.#connection.assignStreamId(this);
    if (this.isClosed) return;
    this.hasSentHeaders = true;
    this.#connection.sender.writeHeaders(this.id, fields, isEnd);
    if (!isEnd) return;
    this.isEndSent = true;
    this.onEndSent();
  }

  /** Sends a message. False when the queue is full: wait for `onDrain`. */
  sendData(prefix: Uint8Array, body: Uint8Array, isEnd = false): boolean {
    if (this.isClosed || this.isEndSent) return true;
    this.#connection.sender.writeMessage(this, prefix, body, isEnd);
    return !this.isFull;
  }

  /** Ends our side after what is queued. */
  end(trailers?: HeaderFields): void {
    if (this.isClosed || this.isEndSent) return;
    this.#connection.sender.writeEnd(this, trailers);
  }

  /**
   * Counts received DATA: `bytes` of content, `size` with padding. Returns the peer's violation, if there
   * is one.
   */
  countReceived(bytes: number, size: number, isEnd: boolean): StreamProblem | undefined {
    this.receiveWindow -= size;
    if (this.receiveWindow < 0) return windowExceeded;
    this.bufferedBytes += bytes;
    this.#connection.bufferedBytes += bytes;
    // Nobody consumes padding.
    if (size > bytes && !isEnd) this.#restoreReceiveWindow();
    if (this.remainingContentLength === undefined) return undefined;
    this.remainingContentLength -= bytes;
    return this.remainingContentLength < 0 || (isEnd && this.remainingContentLength > 0)
      ? contentLengthMismatch
      : undefined;
  }

  /** Resets the stream. Its listener is not called afterwards. */
  reset(code: number): void {
    if (this.isClosed) return;
    if (this.id !== 0) this.#connection.sendReset(this.id, code, this.receiveWindow);
    this.listener = undefined;
    this.#connection.closeStream(this);
  }

  /** Bounds the messages that are read on all streams of the connection in a turn of the event loop. */
  get messageBudget(): TurnBudget {
    return this.#connection.messageBudget;
  }

  /** Whose streams take one turn together: the connection. */
  get turnOwner(): object {
    return this.#connection;
  }

  /** Counts work that costs as much as receiving so many bytes. */
  spendTurn(bytes: number): void {
    this.#connection.spendTurn(bytes);
  }

  /** Marks bytes passed to `onData` as read, so that the peer may send as many again. */
  consume(bytes: number): void {
    const taken = Math.min(bytes, this.bufferedBytes);
    this.bufferedBytes -= taken;
    this.#connection.bufferedBytes -= taken;
    this.#restoreReceiveWindow();
  }

  /** Raises the receive window to `bytes`, the rest of a message that has begun. */
  growWindowTo(bytes: number): void {
    if (this.isRemoteEnded || this.isClosed || this.receiveWindow >= bytes) return;
    // Peers take many small updates for an attack.
    this.#growReceiveWindow(Math.max(bytes - this.receiveWindow, minWindowUpdateBytes));
  }

  /** Counts a handler that outlives its stream (1), or the end of one (-1). */
  countOrphan(change: 1 | -1): void {
    this.#connection.orphanedHandlers += change;
  }

  override onDrain(): void {
    this.listener?.onDrain();
  }

  override onEndSent(): void {
    this.#connection.onLocalEnd(this);
  }

  /** Called by the connection: delivers DATA. */
  deliverData(bytes: Buffer, isEnd: boolean): void {
    if (isEnd) this.isRemoteEnded = true;
    this.listener?.onData(bytes, isEnd);
    if (isEnd) this.#connection.onRemoteEnd(this);
  }

  /** Called by the connection: delivers a header block. */
  deliverHeaders(fields: HeaderFields, isEnd: boolean): void {
    if (isEnd) this.isRemoteEnded = true;
    this.listener?.onHeaders(fields, isEnd);
    if (isEnd) this.#connection.onRemoteEnd(this);
  }

  /** Called by the connection: the stream was cut off. */
  abort(code: number, message: string): void {
    const { listener } = this;
    this.listener = undefined;
    listener?.onAbort(code, message);
  }

  /** Grants what was received and is not held any more, once that is half a window. */
  #restoreReceiveWindow(): void {
    if (this.isClosed || this.isRemoteEnded) return;
    const room = defaultWindowBytes - this.receiveWindow - this.bufferedBytes;
    if (room >= defaultWindowBytes / 2) this.#growReceiveWindow(room);
  }

  #growReceiveWindow(bytes: number): void {
    this.receiveWindow += bytes;
    this.#connection.sendWindowUpdate(this.id, bytes);
  }
}
