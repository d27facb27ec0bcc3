import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Fields } from "../hpack/decoder.ts";
import { HpackError } from "../hpack/hpack-error.ts";
import type { Limits } from "./connection-limits.ts";
import {
  ConnectionError,
  connectionLost,
  defaultMaxFrame,
  defaultWindow,
  errorCode,
  flag,
  frameType,
  largestWindow,
} from "./frames.ts";
import { Timekeeper } from "./keepalive-monitor.ts";
import { Receiver } from "./receiver.ts";
import { Sender } from "./sender.ts";
import { greeting, PeerSettings } from "./settings.ts";
import { Stream } from "./stream.ts";
import { StreamTable } from "./stream-table.ts";

/** What a connection needs from whoever uses it. */
export type ConnectionOptions = {
  readonly role: "server" | "client";
  readonly limits: Limits;
  /** Takes a stream that the peer has opened: sets its listener. Fields are undefined when too long. */
  readonly onStream?: (stream: Stream, fields: Fields | undefined, isEnd: boolean) => void;
  /** A stream may be opened that could not before; or, after GOAWAY, none any more. */
  readonly onRoom?: () => void;
  /** The connection is over; the reason is given unless it ended as it should. */
  readonly onClose: (reason: Error | undefined) => void;
};

const lingerMs = 1_000;
const nothing = new Uint8Array();

/** One end of an HTTP/2 connection (RFC 9113) over a socket that is connected. */
export class Connection {
  readonly isServer: boolean;
  readonly streams: StreamTable;
  readonly sender: Sender;
  isClosed = false;
  /** Whether either side has said that it takes no more streams. */
  isGoingAway = false;
  /**
   * Handlers that run on although their streams are over. They count as streams, or a client that calls off,
   * or makes us, what it has begun could have any number of them at work (CVE-2023-44487).
   */
  orphans = 0;
  /** Bytes received on all streams and not yet consumed. */
  buffered = 0;
  readonly #socket: Duplex;
  readonly #options: ConnectionOptions;
  readonly #receiver: Receiver;
  readonly #timekeeper: Timekeeper;
  readonly #peer: PeerSettings;
  readonly #pings: (() => void)[] = [];
  /** The highest stream that we have said we will serve. */
  #lastServed = largestWindow;
  /** Streams that were opened, whose headers are yet to be sent. */
  #unbegun = 0;

  constructor(socket: Duplex, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.isServer = options.role === "server";
    this.streams = new StreamTable(this.isServer);
    this.#peer = new PeerSettings(!this.isServer);
    this.sender = new Sender(socket);
    this.#receiver = new Receiver(this, options.limits);
    this.#timekeeper = new Timekeeper(this, options.limits);
    this.sender.raw(greeting(this.isServer, options.limits));
    socket.on("data", this.#onBytes);
    socket.on("error", (error: Error) => this.#over(error));
    socket.on("end", () => this.destroy());
    socket.on("close", () => this.#over(undefined));
  }

  get remoteAddress(): string | undefined {
    return (this.#socket as Partial<Socket>).remoteAddress;
  }

  /** Whether streams can be opened, now or once others have ended. */
  get takesStreams(): boolean {
    return !this.isClosed && !this.isGoingAway && this.streams.nextId < largestWindow;
  }

  /** Whether it will turn out how many streams can be opened, because the peer's SETTINGS are to come. */
  get isNew(): boolean {
    return !this.isClosed && !this.#peer.areKnown;
  }

  /** Whether a stream can be opened now. */
  get hasRoom(): boolean {
    return this.takesStreams && this.streams.size + this.#unbegun < this.#peer.maxConcurrentStreams;
  }

  /** Opens a stream, which begins when its headers are sent; ask `hasRoom` before. */
  open(): Stream {
    this.#unbegun += 1;
    return new Stream(this, 0, this.#peer.initialWindowSize);
  }

  /** Gives a stream of ours its number, unless it is too late for that. */
  begin(stream: Stream): void {
    if (!this.takesStreams) {
      this.closeStream(stream);
      stream.abort(errorCode.refusedStream, "the connection is over");
      return;
    }
    this.#unbegun -= 1;
    this.#receiver.countCall();
    stream.id = this.streams.nextId;
    stream.window = this.#peer.initialWindowSize;
    this.streams.nextId += 2;
    this.streams.add(stream);
  }

  /** Settles when the peer has answered a ping, or the connection is over. */
  ping(): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#pings.push(resolve);
      this.sender.control(frameType.ping, 0, 0, this.#pings.length);
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
      this.sender.control(frameType.goaway, 0, largestWindow, errorCode.noError);
      await this.ping();
    }
    if (this.isClosed) return;
    this.#lastServed = this.streams.lastPeerId;
    this.sender.control(frameType.goaway, 0, this.#lastServed, errorCode.noError);
    this.#closeIfDone();
  }

  /** Ends the connection at once, and every stream on it. */
  destroy(reason?: Error): void {
    this.#over(reason);
    this.#socket.destroy();
  }

  /** Ends the connection with an error code that tells the peer why (section 5.4.1). */
  fail(code: number, message: string, cause?: unknown): void {
    if (this.isClosed) return;
    const payload = Buffer.alloc(8 + message.length);
    payload.writeUInt32BE(this.streams.lastPeerId, 0);
    payload.writeUInt32BE(code, 4);
    payload.write(message, 8, "latin1");
    this.sender.frame(frameType.goaway, 0, 0, payload);
    this.sender.flush();
    this.#over(new ConnectionError(code, message, { cause }));
    // Not at once, or what is on its way to us makes the system drop what we have just said.
    this.#hangUp(lingerMs);
    this.#socket.resume();
  }

  /**
   * Looks after time; to be called about once a second.
   *
   * @param now as `performance.now()` has it
   */
  tick(now: number): void {
    this.#timekeeper.tick(now);
    for (const stream of this.streams.all()) stream.listener?.onTick?.(now);
  }

  /** Opens a stream for the peer. False when it is refused. */
  accept(streamId: number, fields: Fields | undefined, isEnd: boolean): boolean {
    const { maxConcurrentStreams, maxBufferedBytes } = this.#options.limits;
    this.streams.notePeer(streamId);
    if (this.streams.size + this.orphans >= maxConcurrentStreams) return false;
    if (this.sender.queued > maxBufferedBytes) return false;
    if (streamId > this.#lastServed) return false;
    const stream = new Stream(this, streamId, this.#peer.initialWindowSize);
    this.streams.add(stream);
    stream.isRemoteOver = isEnd;
    this.#options.onStream?.(stream, fields, isEnd);
    return true;
  }

  windowUpdate(streamId: number, bytes: number): void {
    this.sender.control(frameType.windowUpdate, streamId, bytes);
  }

  /**
   * Resets a stream. A peer that keeps making us do so opens more streams than it may have at once
   * ("MadeYouReset"): such resets are had as seldom as its own. `window` is what it might still send.
   */
  sendReset(streamId: number, code: number, window = defaultWindow): void {
    if (code !== errorCode.noError && code !== errorCode.cancel) this.#receiver.countReset();
    this.sender.control(frameType.rstStream, streamId, code);
    this.streams.noteReset(streamId, window);
  }

  /** Called when our side of a stream is over. */
  sentAll(stream: Stream): void {
    if (stream.isRemoteOver) {
      this.#receiver.countAnswer();
      this.closeStream(stream);
    }
    // An answer ends the call: what the client still sends is of no use (section 8.1).
    else if (this.isServer) stream.reset(errorCode.noError);
  }

  closeStream(stream: Stream): void {
    if (stream.isClosed) return;
    stream.isClosed = true;
    if (stream.id === 0) this.#unbegun -= 1;
    this.streams.remove(stream);
    this.buffered -= stream.buffered;
    stream.buffered = 0;
    this.sender.drop(stream);
    if (this.isGoingAway) this.#closeIfDone();
    this.#options.onRoom?.();
  }

  settingsAccepted(): void {
    this.#timekeeper.areSettingsAccepted = true;
  }

  /** A change of the initial window changes all windows, which may become negative (section 6.9.2). */
  applySettings(payload: Uint8Array): void {
    const before = this.#peer.initialWindowSize;
    this.#peer.apply(payload);
    this.sender.maxFrame = Math.min(this.#peer.maxFrameSize, defaultMaxFrame);
    this.sender.encoder.setMaxTableSize(this.#peer.headerTableSize);
    const difference = this.#peer.initialWindowSize - before;
    if (difference !== 0) this.#moveWindows(difference);
    this.sender.frame(frameType.settings, flag.ack, 0, nothing);
    this.#options.onRoom?.();
  }

  pinged(): void {
    this.#pings.shift()?.();
  }

  /** The peer serves no stream above `last`, and takes no more. */
  peerGoesAway(last: number): void {
    this.isGoingAway = true;
    // It need not be told, but what it waits for is over.
    this.#lastServed = Math.min(this.#lastServed, this.streams.lastPeerId);
    for (const stream of this.isServer ? [] : this.streams.all()) {
      if (stream.id <= last) continue;
      this.closeStream(stream);
      stream.abort(errorCode.refusedStream, "the peer is going away");
    }
    this.#options.onRoom?.();
    this.#closeIfDone();
  }

  readonly #onBytes = (chunk: Buffer): void => {
    this.#timekeeper.hear();
    try {
      this.#receiver.push(chunk);
    } catch (error) {
      if (error instanceof ConnectionError) this.fail(error.code, error.message);
      else if (error instanceof HpackError) this.fail(errorCode.compressionError, error.message);
      else this.fail(errorCode.internalError, "internal error", error);
    }
    if (this.sender.waiting > this.#options.limits.maxUnreadBytes) this.#waitForReader();
  };

  /** Reads on when the peer does. */
  #waitForReader(): void {
    this.#socket.pause();
    this.#socket.once("drain", () => this.#socket.resume());
  }

  #moveWindows(difference: number): void {
    for (const stream of this.streams.all()) {
      stream.window += difference;
      if (stream.window > largestWindow) {
        throw new ConnectionError(errorCode.flowControlError, "a window of more than 2^31 - 1");
      }
      this.sender.resume(stream);
    }
  }

  #closeIfDone(): void {
    if (this.streams.size > 0 || this.isClosed || !this.isGoingAway) return;
    if (this.isServer && this.#lastServed === largestWindow) return;
    this.sender.flush();
    this.#over(undefined);
    this.#hangUp(this.#options.limits.keepaliveTimeoutMs);
  }

  /** Lets what was said before leave, but does not wait for ever for a peer that does not read. */
  #hangUp(withinMs: number): void {
    const timer = setTimeout(() => this.#socket.destroy(), withinMs).unref();
    this.#socket.once("close", () => clearTimeout(timer));
    this.#socket.end();
  }

  #over(reason: Error | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const message = `the connection was lost${reason ? `: ${reason.message}` : ""}`;
    for (const stream of this.streams.all()) {
      this.closeStream(stream);
      stream.abort(connectionLost, message);
    }
    for (const resolve of this.#pings.splice(0)) resolve();
    this.#options.onClose(reason);
  }
}
