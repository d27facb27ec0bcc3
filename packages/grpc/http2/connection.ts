import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { HeaderFields } from "../hpack/decoder.ts";
import { HpackError } from "../hpack/hpack-error.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import {
  ConnectionError,
  connectionLostCode,
  defaultMaxFrameBytes,
  defaultWindowBytes,
  errorCode,
  flag,
  frameType,
  maxWindowBytes,
} from "./frames.ts";
import { KeepaliveMonitor } from "./keepalive-monitor.ts";
import { FrameReceiver } from "./receiver.ts";
import { FrameSender } from "./sender.ts";
import { connectionPreface, PeerSettings } from "./settings.ts";
import { Http2Stream } from "./stream.ts";
import { StreamTable } from "./stream-table.ts";

/** What a connection needs from whoever uses it. */
export type Http2ConnectionOptions = {
  readonly role: "server" | "client";
  readonly limits: ConnectionLimits;
  /** Takes a stream that the peer has opened: sets its listener. Fields are undefined when too long. */
  readonly onStream?: (
    stream: Http2Stream,
    fields: HeaderFields | undefined,
    isEnd: boolean,
  ) => void;
  /** A stream may be opened that could not before; or, after GOAWAY, none any more. */
  readonly onCapacity?: () => void;
  /** The connection is over; the reason is given unless it ended as it should. */
  readonly onClose: (reason: Error | undefined) => void;
};

const lingerMs = 1_000;
const emptyPayload = new Uint8Array();

/** One end of an HTTP/2 connection (RFC 9113) over a socket that is connected. */
export class Http2Connection {
  readonly isServer: boolean;
  readonly streams: StreamTable;
  readonly sender: FrameSender;
  isClosed = false;
  /** Whether either side has said that it takes no more streams. */
  isGoingAway = false;
  /**
   * Handlers that run on although their streams are over. They count as streams, or a client that calls off,
   * or makes us, what it has begun could have any number of them at work (CVE-2023-44487).
   */
  orphanedHandlers = 0;
  /** Bytes received on all streams and not yet consumed. */
  bufferedBytes = 0;
  readonly #socket: Duplex;
  readonly #options: Http2ConnectionOptions;
  readonly #receiver: FrameReceiver;
  readonly #keepalive: KeepaliveMonitor;
  readonly #peer: PeerSettings;
  readonly #pings: (() => void)[] = [];
  /** The highest stream that we have said we will serve. */
  #lastAcceptedStreamId = maxWindowBytes;
  /** Streams that were opened, whose headers are yet to be sent. */
  #unassignedStreams = 0;

  constructor(socket: Duplex, options: Http2ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.isServer = options.role === "server";
    this.streams = new StreamTable(this.isServer);
    this.#peer = new PeerSettings(!this.isServer);
    this.sender = new FrameSender(socket);
    this.#receiver = new FrameReceiver(this, options.limits);
    this.#keepalive = new KeepaliveMonitor(this, options.limits);
    this.sender.writeRaw(connectionPreface(this.isServer, options.limits));
    socket.on("data", this.#onBytes);
    socket.on("error", (error: Error) => this.#onConnectionEnd(error));
    socket.on("end", () => this.destroy());
    socket.on("close", () => this.#onConnectionEnd(undefined));
  }

  get remoteAddress(): string | undefined {
    return (this.#socket as Partial<Socket>).remoteAddress;
  }

  /** Whether streams can be opened, now or once others have ended. */
  get isAcceptingStreams(): boolean {
    return !this.isClosed && !this.isGoingAway && this.streams.nextStreamId < maxWindowBytes;
  }

  /** Whether it will turn out how many streams can be opened, because the peer's SETTINGS are to come. */
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

  /** Opens a stream, which begins when its headers are sent; ask `hasRoom` before. */
  openStream(): Http2Stream {
    this.#unassignedStreams += 1;
    return new Http2Stream(this, 0, this.#peer.initialWindowSize);
  }

  /** Gives a stream of ours its number, unless it is too late for that. */
  assignStreamId(stream: Http2Stream): void {
    if (!this.isAcceptingStreams) {
      this.closeStream(stream);
      stream.abort(errorCode.refusedStream, "the connection is over");
      return;
    }
    this.#unassignedStreams -= 1;
    this.#receiver.countCall();
    stream.id = this.streams.nextStreamId;
    stream.sendWindow = this.#peer.initialWindowSize;
    this.streams.nextStreamId += 2;
    this.streams.add(stream);
  }

  /** Settles when the peer has answered a ping, or the connection is over. */
  ping(): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#pings.push(resolve);
      this.sender.writeControlFrame(frameType.ping, 0, 0, this.#pings.length);
    });
  }

  /**
   * Takes no more streams, lets those that run end, and closes. What the peer opens before it knows is
   * still served: it is told first, and only after a round trip where the end is (section 6.8).
   */
  async drain(): Promise<void> {
    if (this.isGoingAway || this.isClosed) return;
    this.isGoingAway = true;
    if (this.isServer) {
      this.sender.writeControlFrame(frameType.goaway, 0, maxWindowBytes, errorCode.noError);
      await this.ping();
    }
    if (this.isClosed) return;
    this.#lastAcceptedStreamId = this.streams.lastPeerStreamId;
    this.sender.writeControlFrame(
      frameType.goaway,
      0,
      this.#lastAcceptedStreamId,
      errorCode.noError,
    );
    this.#closeIfDrained();
  }

  /** Ends the connection at once, and every stream on it. */
  destroy(reason?: Error): void {
    this.#onConnectionEnd(reason);
    this.#socket.destroy();
  }

  /** Ends the connection with an error code that tells the peer why (section 5.4.1). */
  fail(code: number, message: string, cause?: unknown): void {
    if (this.isClosed) return;
    const payload = Buffer.alloc(8 + message.length);
    payload.writeUInt32BE(this.streams.lastPeerStreamId, 0);
    payload.writeUInt32BE(code, 4);
    payload.write(message, 8, "latin1");
    this.sender.writeFrame(frameType.goaway, 0, 0, payload);
    this.sender.flush();
    this.#onConnectionEnd(new ConnectionError(code, message, { cause }));
    // Not at once, or what is on its way to us makes the system drop what we have just said.
    this.#endSocket(lingerMs);
    this.#socket.resume();
  }

  /**
   * Looks after time; to be called about once a second.
   *
   * @param now as `performance.now()` has it
   */
  checkTimers(now: number): void {
    this.#keepalive.check(now);
    for (const stream of this.streams.all()) stream.listener?.onTick?.(now);
  }

  /** Opens a stream for the peer. False when it is refused. */
  acceptStream(streamId: number, fields: HeaderFields | undefined, isEnd: boolean): boolean {
    const { maxConcurrentStreams, maxBufferedBytes } = this.#options.limits;
    this.streams.addPeerStreamId(streamId);
    if (this.streams.size + this.orphanedHandlers >= maxConcurrentStreams) return false;
    if (this.sender.queuedBytes > maxBufferedBytes) return false;
    if (streamId > this.#lastAcceptedStreamId) return false;
    const stream = new Http2Stream(this, streamId, this.#peer.initialWindowSize);
    this.streams.add(stream);
    stream.isRemoteEnded = isEnd;
    this.#options.onStream?.(stream, fields, isEnd);
    return true;
  }

  sendWindowUpdate(streamId: number, bytes: number): void {
    this.sender.writeControlFrame(frameType.windowUpdate, streamId, bytes);
  }

  /**
   * Resets a stream. A peer that keeps making us do so opens more streams than it may have at once
   * ("MadeYouReset"): such resets are had as seldom as its own. `window` is what it might still send.
   */
  sendReset(streamId: number, code: number, window = defaultWindowBytes): void {
    if (code !== errorCode.noError && code !== errorCode.cancel) this.#receiver.countReset();
    this.sender.writeControlFrame(frameType.rstStream, streamId, code);
    this.streams.addReset(streamId, window);
  }

  /** Called when our side of a stream is over. */
  onLocalEnd(stream: Http2Stream): void {
    if (stream.isRemoteEnded) {
      this.#receiver.countResponse();
      this.closeStream(stream);
    }
    // An answer ends the call: what the client still sends is of no use (section 8.1).
    else if (this.isServer) stream.reset(errorCode.noError);
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

  /** A change of the initial window changes all windows, which may become negative (section 6.9.2). */
  applySettings(payload: Uint8Array): void {
    const before = this.#peer.initialWindowSize;
    this.#peer.apply(payload);
    this.sender.maxFrameBytes = Math.min(this.#peer.maxFrameSize, defaultMaxFrameBytes);
    this.sender.encoder.setMaxTableSize(this.#peer.headerTableSize);
    const difference = this.#peer.initialWindowSize - before;
    if (difference !== 0) this.#adjustWindows(difference);
    this.sender.writeFrame(frameType.settings, flag.ack, 0, emptyPayload);
    this.#options.onCapacity?.();
  }

  onPingAck(): void {
    this.#pings.shift()?.();
  }

  /** The peer serves no stream above `last`, and takes no more. */
  onGoaway(last: number): void {
    this.isGoingAway = true;
    // It need not be told, but what it waits for is over.
    this.#lastAcceptedStreamId = Math.min(
      this.#lastAcceptedStreamId,
      this.streams.lastPeerStreamId,
    );
    for (const stream of this.isServer ? [] : this.streams.all()) {
      if (stream.id <= last) continue;
      this.closeStream(stream);
      stream.abort(errorCode.refusedStream, "the peer is going away");
    }
    this.#options.onCapacity?.();
    this.#closeIfDrained();
  }

  readonly #onBytes = (chunk: Buffer): void => {
    this.#keepalive.onReceive();
    try {
      this.#receiver.push(chunk);
    } catch (error) {
      if (error instanceof ConnectionError) this.fail(error.code, error.message);
      else if (error instanceof HpackError) this.fail(errorCode.compressionError, error.message);
      else this.fail(errorCode.internalError, "internal error", error);
    }
    if (this.sender.pendingBytes > this.#options.limits.maxUnsentBytes) this.#pauseUntilDrain();
  };

  /** Reads on when the peer does. */
  #pauseUntilDrain(): void {
    this.#socket.pause();
    this.#socket.once("drain", () => this.#socket.resume());
  }

  #adjustWindows(difference: number): void {
    for (const stream of this.streams.all()) {
      stream.sendWindow += difference;
      if (stream.sendWindow > maxWindowBytes) {
        throw new ConnectionError(errorCode.flowControlError, "a window of more than 2^31 - 1");
      }
      this.sender.resume(stream);
    }
  }

  #closeIfDrained(): void {
    if (this.streams.size > 0 || this.isClosed || !this.isGoingAway) return;
    if (this.isServer && this.#lastAcceptedStreamId === maxWindowBytes) return;
    this.sender.flush();
    this.#onConnectionEnd(undefined);
    this.#endSocket(this.#options.limits.keepaliveTimeoutMs);
  }

  /** Lets what was said before leave, but does not wait for ever for a peer that does not read. */
  #endSocket(withinMs: number): void {
    const timer = setTimeout(() => this.#socket.destroy(), withinMs).unref();
    this.#socket.once("close", () => clearTimeout(timer));
    this.#socket.end();
  }

  #onConnectionEnd(reason: Error | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const message = `the connection was lost${reason ? `: ${reason.message}` : ""}`;
    for (const stream of this.streams.all()) {
      this.closeStream(stream);
      stream.abort(connectionLostCode, message);
    }
    for (const resolve of this.#pings.splice(0)) resolve();
    this.#options.onClose(reason);
  }
}
