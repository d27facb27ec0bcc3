import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { HeaderFields } from "../hpack/header-fields.ts";
import { HpackError } from "../hpack/hpack-error.ts";
import { ConnectionError } from "./connection-error.ts";
import type { Http2ConnectionOptions } from "./connection-options.ts";
import { FloodGuard } from "./flood-guard.ts";
import { FrameReceiver } from "./frame-receiver.ts";
import { FrameSender } from "./frame-sender.ts";
import type { FrameTarget } from "./frame-target.ts";
import {
  connectionLostCode,
  defaultMaxFrameBytes,
  defaultWindowBytes,
  errorCode,
  flag,
  frameType,
  maxWindowBytes,
} from "./frames.ts";
import { KeepaliveMonitor, type MonitoredConnection } from "./keepalive-monitor.ts";
import type { QueueingConnection } from "./send-budget.ts";
import { connectionPreface, PeerSettings } from "./settings.ts";
import { closeSocketWithin } from "./socket-close.ts";
import { Http2Stream, type StreamConnection } from "./stream.ts";
import { StreamTable } from "./stream-table.ts";
import { TurnBudget } from "./turn-budget.ts";

/**
 * How long the socket stays open after our GOAWAY: unread incoming bytes would make the kernel send RST and
 * drop it.
 */
const lingerMs = 1_000;
const emptyPayload = new Uint8Array();

/** One end of an HTTP/2 connection (RFC 9113) over a connected socket. */
export class Http2Connection
  implements StreamConnection, FrameTarget, MonitoredConnection, QueueingConnection
{
  readonly isServer: boolean;
  readonly streams: StreamTable;
  readonly sender: FrameSender;
  isClosed = false;
  /** Whether either side has sent GOAWAY. */
  isGoingAway = false;
  /**
   * Handlers still running though their streams are closed. They count towards maxConcurrentStreams, or a
   * client that resets its streams could have any number of them running (Rapid Reset, CVE-2023-44487).
   */
  orphanedHandlers = 0;
  /** Bytes received on all streams and not yet consumed. */
  bufferedBytes = 0;
  readonly #socket: Duplex;
  readonly #options: Http2ConnectionOptions;
  readonly #receiver: FrameReceiver;
  readonly #floodGuard: FloodGuard;
  readonly #keepalive: KeepaliveMonitor;
  readonly #peer: PeerSettings;
  readonly #pings: (() => void)[] = [];
  readonly #frameBudget = new TurnBudget();
  readonly messageBudget = new TurnBudget();
  #isPaused = false;
  /** The highest stream id that we serve, by our last GOAWAY. */
  #lastAcceptedStreamId = maxWindowBytes;
  /** The error with which the peer has announced the end. */
  #goawayError: Error | undefined;
  /** Opened streams that have no id yet: ids are assigned in sending order (section 5.1.1). */
  #unassignedStreams = 0;

  constructor(socket: Duplex, options: Http2ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.isServer = options.role === "server";
    this.streams = new StreamTable(this.isServer);
    this.#peer = new PeerSettings(!this.isServer);
    this.sender = new FrameSender(socket, options.sendBudget);
    this.#floodGuard = new FloodGuard(this.sender);
    this.#receiver = new FrameReceiver(this, options.limits, this.#floodGuard);
    this.#keepalive = new KeepaliveMonitor(this, options.limits);
    this.sender.writeRaw(connectionPreface(this.isServer, options.limits));
    if (socket instanceof TLSSocket) socket.disableRenegotiation();
    socket.on("data", this.#onBytes);
    socket.on("error", this.#onSocketError);
    socket.on("end", () => {
      this.#onSocketEnd(undefined);
      this.destroy();
    });
    socket.on("close", () => this.#onSocketEnd(undefined));
  }

  get remoteAddress(): string | undefined {
    return (this.#socket as Partial<Socket>).remoteAddress;
  }

  /** The largest header list that the peer accepts, as RFC 9113, section 6.5.2 counts it. */
  get maxSentHeaderListBytes(): number {
    return this.#peer.maxHeaderListSize;
  }

  /** Whether streams can be opened, now or after others have ended. */
  get isAcceptingStreams(): boolean {
    return !this.isClosed && !this.isGoingAway && this.streams.nextStreamId < maxWindowBytes;
  }

  /** Whether the peer's SETTINGS, and with them its stream limit, are still to come. */
  get isAwaitingSettings(): boolean {
    return !this.isClosed && !this.#peer.isReceived;
  }

  /** Whether a stream can be opened now. */
  get hasCapacity(): boolean {
    return (
      this.isAcceptingStreams &&
      this.streams.size + this.#unassignedStreams < this.#peer.maxConcurrentStreams
    );
  }

  /** Opens a stream, which begins when its headers are sent. Requires `hasCapacity`. */
  openStream(): Http2Stream {
    this.#unassignedStreams += 1;
    return new Http2Stream(this, 0, this.#peer.initialWindowSize);
  }

  /** Assigns an id to a stream of ours; aborts it when no more can be opened. */
  assignStreamId(stream: Http2Stream): void {
    if (!this.isAcceptingStreams) {
      this.closeStream(stream);
      stream.abort(errorCode.refusedStream, "the connection has ended");
      return;
    }
    this.#unassignedStreams -= 1;
    this.#floodGuard.onCall();
    stream.id = this.streams.nextStreamId;
    stream.sendWindow = this.#peer.initialWindowSize;
    this.streams.nextStreamId += 2;
    this.streams.add(stream);
  }

  /** Settles when the peer acknowledges a ping, or the connection ends. */
  ping(): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#pings.push(resolve);
      this.sender.writeControlFrame(frameType.ping, 0, 0, this.#pings.length);
    });
  }

  /**
   * Refuses new streams, finishes the running ones, and closes. Streams that the peer opens before it knows
   * are still served: a first GOAWAY announces the end, and after a round trip the second one names the last
   * stream (section 6.8).
   */
  async drain(): Promise<void> {
    if (this.isGoingAway || this.isClosed) return;
    this.isGoingAway = true;
    if (this.isServer) {
      this.sender.writeGoaway(maxWindowBytes, errorCode.noError);
      await this.ping();
    }
    if (this.isClosed) return;
    this.#lastAcceptedStreamId = this.streams.lastPeerStreamId;
    this.sender.writeGoaway(this.#lastAcceptedStreamId, errorCode.noError);
    this.#closeIfDrained();
  }

  /** Ends the connection and its streams at once. */
  destroy(reason?: Error): void {
    this.#onConnectionEnd(reason);
    this.#socket.destroy();
  }

  /** Ends the connection with a GOAWAY that carries the error (section 5.4.1). */
  fail(code: number, message: string, cause?: unknown): void {
    if (this.isClosed) return;
    this.sender.writeGoaway(this.streams.lastPeerStreamId, code, message);
    this.sender.flush();
    this.#onConnectionEnd(new ConnectionError(code, message, { cause }));
    closeSocketWithin(this.#socket, lingerMs);
  }

  /**
   * Checks time limits; to be called about once a second.
   *
   * @param now of `performance.now()`
   */
  checkTimers(now: number): void {
    this.#keepalive.check(now);
    for (const stream of this.streams.all()) stream.listener?.onTick?.(now);
  }

  /** How long the peer has taken little of what waits for it. */
  stalledMs(now: number): number {
    return this.#keepalive.sendProgress.stalledMs(now);
  }

  /** Opens a stream for the peer. False when it is refused. */
  acceptStream(streamId: number, fields: HeaderFields | undefined, isEnd: boolean): boolean {
    const { maxConcurrentStreams, maxBufferedBytes } = this.#options.limits;
    this.streams.addPeerStreamId(streamId);
    if (this.streams.size + this.orphanedHandlers >= maxConcurrentStreams) return false;
    if (this.sender.heldBytes > maxBufferedBytes) return false;
    if (streamId > this.#lastAcceptedStreamId) return false;
    this.#floodGuard.onCall();
    const stream = new Http2Stream(this, streamId, this.#peer.initialWindowSize);
    this.streams.add(stream);
    stream.isRemoteEnded = isEnd;
    this.#options.onStream?.(stream, fields, isEnd);
    return true;
  }

  /** Counts work that costs as much as receiving so many bytes. */
  spendTurn(bytes: number): void {
    this.#frameBudget.spend(bytes);
    this.messageBudget.spend(bytes);
  }

  sendWindowUpdate(streamId: number, bytes: number): void {
    this.sender.writeControlFrame(frameType.windowUpdate, streamId, bytes);
  }

  /**
   * Resets a stream. A peer that provokes resets exceeds its stream limit ("MadeYouReset"), so they count
   * like its own. `window`: bytes that may still arrive.
   */
  sendReset(streamId: number, code: number, window = defaultWindowBytes): void {
    if (code !== errorCode.noError && code !== errorCode.cancel) this.#floodGuard.countReset();
    this.sender.writeControlFrame(frameType.rstStream, streamId, code);
    this.streams.addReset(streamId, window);
  }

  /** Called when our side of a stream has ended. */
  onLocalEnd(stream: Http2Stream): void {
    if (this.isServer) this.#floodGuard.onResponse();
    if (stream.isRemoteEnded) this.closeStream(stream);
    // The response is complete: the rest of the request is not needed (section 8.1).
    else if (this.isServer) stream.reset(errorCode.noError);
  }

  /** Called when the peer's side of a stream has ended. */
  onRemoteEnd(stream: Http2Stream): void {
    if (stream.isEndSent) this.closeStream(stream);
    // The call is over. Not every server resets the rest of a request, which would stay open at both ends.
    else if (!this.isServer) stream.reset(errorCode.noError);
  }

  closeStream(stream: Http2Stream): void {
    if (stream.isClosed) return;
    stream.isClosed = true;
    if (stream.id === 0) this.#unassignedStreams -= 1;
    this.streams.remove(stream);
    this.bufferedBytes -= stream.bufferedBytes;
    stream.bufferedBytes = 0;
    this.sender.discardQueue(stream);
    if (this.isGoingAway) this.#closeIfDrained();
    this.#options.onCapacity?.();
  }

  onSettingsAck(): void {
    this.#keepalive.areSettingsAcknowledged = true;
  }

  applySettings(payload: Uint8Array): void {
    const before = this.#peer.initialWindowSize;
    this.#peer.apply(payload);
    this.sender.maxFrameBytes = Math.min(this.#peer.maxFrameSize, defaultMaxFrameBytes);
    this.sender.encoder.setMaxTableSize(this.#peer.headerTableSize);
    const difference = this.#peer.initialWindowSize - before;
    if (difference !== 0) this.streams.growSendWindows(difference);
    // Ahead of what the new windows permit.
    this.sender.writeFrame(frameType.settings, flag.ack, 0, emptyPayload);
    if (difference > 0) for (const stream of this.streams.all()) this.sender.resume(stream);
    this.#options.onCapacity?.();
  }

  onPingAck(): void {
    this.#pings.shift()?.();
  }

  /** The peer serves no stream above this one. */
  onGoaway(lastStreamId: number, code: number, debugData: string): void {
    this.isGoingAway = true;
    if (code !== errorCode.noError)
      this.#goawayError = new ConnectionError(code, `GOAWAY with code ${code} "${debugData}"`);
    this.#options.onGoaway?.(code, debugData);
    this.#lastAcceptedStreamId = Math.min(
      this.#lastAcceptedStreamId,
      this.streams.lastPeerStreamId,
    );
    for (const stream of this.isServer ? [] : this.streams.all()) {
      if (stream.id <= lastStreamId) continue;
      this.closeStream(stream);
      stream.abort(errorCode.refusedStream, "the peer is going away");
    }
    this.#options.onCapacity?.();
    this.#closeIfDrained();
  }

  /** Node.js reports a renegotiation, which RFC 9113, section 9.2.1, forbids, and leaves the socket open. */
  readonly #onSocketError = (error: NodeJS.ErrnoException): void => {
    if (error.code === "ERR_TLS_RENEGOTIATION_DISABLED")
      this.fail(errorCode.protocolError, "TLS renegotiation");
    else this.#onSocketEnd(error);
  };

  readonly #onBytes = (chunk: Buffer): void => {
    if (this.isClosed) return;
    this.#keepalive.onReceive();
    try {
      this.#receiver.push(chunk);
    } catch (error) {
      this.#failBy(error);
    }
    this.#readFrames();
  };

  /**
   * Reads what has arrived, until the budget of this turn is used up or the peer reads too little of what we sent.
   * Meanwhile the socket is paused.
   */
  readonly #readFrames = (): void => {
    if (this.isClosed) return;
    let isAllRead = true;
    try {
      isAllRead = this.#receiver.read(this.#frameBudget);
    } catch (error) {
      this.#failBy(error);
    }
    if (this.isClosed) return;
    if (this.sender.pendingBytes > this.#options.limits.maxUnsentBytes) {
      this.#socket.once("drain", this.#readFrames);
    } else if (!isAllRead) this.#frameBudget.waitForTurn(this.#readFrames);
    else {
      if (this.#isPaused) this.#socket.resume();
      this.#isPaused = false;
      return;
    }
    if (!this.#isPaused) this.#socket.pause();
    this.#isPaused = true;
  };

  /** The socket has ended, though it may be paused and what came before waits for its turn: reads that first. */
  #onSocketEnd(reason: Error | undefined): void {
    try {
      while (!this.isClosed && !this.#receiver.read(new TurnBudget()));
    } catch (error) {
      this.#failBy(error);
    }
    this.#onConnectionEnd(reason);
  }

  #failBy(error: unknown): void {
    if (error instanceof ConnectionError) this.fail(error.code, error.message);
    else if (error instanceof HpackError) this.fail(errorCode.compressionError, error.message);
    else this.fail(errorCode.internalError, "internal error", error);
  }

  #closeIfDrained(): void {
    if (this.streams.size > 0 || this.isClosed || !this.isGoingAway) return;
    if (this.isServer && this.#lastAcceptedStreamId === maxWindowBytes) return;
    this.sender.flush();
    this.#onConnectionEnd(undefined);
    closeSocketWithin(this.#socket, this.#options.limits.keepaliveTimeoutMs);
  }

  #onConnectionEnd(reason: Error | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const cause = this.#goawayError ?? reason;
    const message = `the connection was lost${cause ? `: ${cause.message}` : ""}`;
    for (const stream of this.streams.all()) {
      this.closeStream(stream);
      stream.abort(connectionLostCode, message);
    }
    for (const resolve of this.#pings.splice(0)) resolve();
    this.#options.onClose(reason);
  }
}
