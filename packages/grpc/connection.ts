import type { Duplex } from "node:stream";
import { Allowance } from "./allowance.ts";
import { FrameReader } from "./frame-reader.ts";
import {
  ConnectionError,
  defaultMaxFrame,
  defaultWindow,
  errorCode,
  flag,
  frameType,
  largestWindow,
  preface,
  readUint31,
  readUint32,
  setting,
} from "./frames.ts";
import { HeaderAssembler, withoutPadding } from "./header-assembler.ts";
import { type Fields, HpackDecoder, HpackError } from "./hpack-decoder.ts";
import type { Limits } from "./limits.ts";
import { Sender } from "./sender.ts";
import { PeerSettings, settingsFrame } from "./settings.ts";
import { Stream } from "./stream.ts";

/** What a connection needs from whoever uses it. */
export type ConnectionOptions = {
  readonly role: "server" | "client";
  readonly limits: Limits;
  /** Takes a stream that the peer has opened: sets its listener. Fields are undefined when too long. */
  readonly accept?: (stream: Stream, fields: Fields | undefined, isEnd: boolean) => void;
  /** The peer will take no more streams. */
  readonly onGoAway?: () => void;
  /** A stream has ended, so that another may be opened. */
  readonly onRoom?: () => void;
  /** The connection is over; the reason is given unless it ended as it should. */
  readonly onClose: (reason: Error | undefined) => void;
};

const connectionWindow = 1024 * 1024;
const smallUpdate = 1_024;
const lingerMs = 1_000;
/** How many streams that we have reset are remembered, because more of them may be on its way. */
const rememberedResets = 1_000;

/** One end of an HTTP/2 connection (RFC 9113) over a socket that is connected. */
export class Connection {
  readonly sender: Sender;
  readonly peer = new PeerSettings();
  /** Bytes received on all streams and not yet consumed. */
  buffered = 0;
  readonly #socket: Duplex;
  readonly #options: ConnectionOptions;
  readonly #isServer: boolean;
  readonly #streams = new Map<number, Stream>();
  readonly #reader: FrameReader;
  readonly #decoder: HpackDecoder;
  readonly #assembler: HeaderAssembler;
  readonly #resets = new Set<number>();
  readonly #pings: (() => void)[] = [];
  readonly #forControl = new Allowance(1_000, 100);
  readonly #forResets = new Allowance(1_000, 100);
  readonly #forJunk = new Allowance(10_000, 1_000);
  #prefaceLeft: number;
  #isGreeted = false;
  #areSettingsAccepted = false;
  #lastPeerId = 0;
  #nextId = 1;
  #receiveWindow = connectionWindow;
  /** The highest stream that we have said we will serve. */
  #lastServed = largestWindow;
  #isGoingAway = false;
  #isClosed = false;
  readonly #startedAt = performance.now();
  #heardAt = this.#startedAt;
  #busyAt = this.#startedAt;
  #pingedAt: number | undefined;

  constructor(socket: Duplex, options: ConnectionOptions) {
    const { limits, role } = options;
    this.#socket = socket;
    this.#options = options;
    this.#isServer = role === "server";
    this.#prefaceLeft = this.#isServer ? preface.length : 0;
    this.sender = new Sender(socket);
    this.#reader = new FrameReader(defaultMaxFrame, this.#onFrame);
    this.#decoder = new HpackDecoder({
      maxTableSize: 4_096,
      maxListSize: limits.maxHeaderListBytes,
    });
    this.#assembler = new HeaderAssembler(limits, this.#onBlock);
    this.#greet();
    socket.on("data", this.#onBytes);
    socket.on("error", (error: Error) => this.#over(error));
    socket.on("close", () => this.#over(undefined));
    socket.on("end", () => this.#over(undefined));
  }

  /** How many streams are open. */
  get load(): number {
    return this.#streams.size;
  }

  /** Whether a stream can be opened now. */
  get hasRoom(): boolean {
    return (
      !this.#isClosed &&
      !this.#isGoingAway &&
      this.#nextId < largestWindow &&
      this.#streams.size < this.peer.maxConcurrentStreams
    );
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Opens a stream; ask `hasRoom` before. */
  open(): Stream {
    const stream = new Stream(this, this.#nextId, this.peer.initialWindowSize);
    this.#nextId += 2;
    this.#streams.set(stream.id, stream);
    this.#busyAt = performance.now();
    return stream;
  }

  /** Settles when the peer has answered a ping, or the connection is over. */
  ping(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
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
    if (this.#isGoingAway || this.#isClosed) return;
    this.#isGoingAway = true;
    if (this.#isServer) {
      this.sender.control(frameType.goaway, 0, largestWindow, errorCode.noError);
      await this.ping();
      this.#lastServed = this.#lastPeerId;
    }
    if (this.#isClosed) return;
    this.sender.control(frameType.goaway, 0, this.#lastPeerId, errorCode.noError);
    this.#closeIfIdle();
  }

  /** Ends the connection at once, and every stream on it. */
  destroy(reason?: Error): void {
    this.#over(reason);
    this.#socket.destroy();
  }

  /** Ends the connection with an error code that tells the peer why (section 5.4.1). */
  fail(code: number, message: string, cause?: unknown): void {
    if (this.#isClosed) return;
    const debug = Buffer.from(message, "latin1");
    const payload = Buffer.alloc(8 + debug.length);
    payload.writeUInt32BE(this.#lastPeerId, 0);
    payload.writeUInt32BE(code, 4);
    payload.set(debug, 8);
    this.sender.frame(frameType.goaway, 0, 0, payload);
    this.sender.flush();
    this.#over(new ConnectionError(code, message, { cause }));
    // Not at once, or what is on its way to us makes the system drop what we have just said.
    this.#socket.end();
    this.#socket.resume();
    setTimeout(() => this.#socket.destroy(), lingerMs).unref();
  }

  /**
   * Looks after time; to be called about once a second.
   *
   * @param now as `performance.now()` has it
   */
  tick(now: number): void {
    const { limits } = this.#options;
    if (!this.#areSettingsAccepted && now - this.#startedAt > limits.handshakeMs) {
      this.fail(errorCode.settingsTimeout, "the settings were not accepted in time");
    } else if (this.#pingedAt !== undefined) {
      if (now - this.#pingedAt > limits.keepaliveTimeoutMs) this.destroy(silent());
    } else if (limits.keepaliveMs > 0 && now - this.#heardAt > limits.keepaliveMs) {
      this.#pingedAt = now;
      void this.ping();
    }
    if (this.#streams.size > 0) this.#busyAt = now;
    const isIdle = limits.idleMs > 0 && now - this.#busyAt > limits.idleMs;
    const isOld = limits.maxAgeMs > 0 && now - this.#startedAt > limits.maxAgeMs;
    if (isIdle || isOld) void this.drain();
  }

  /** Called by streams. */
  windowUpdate(streamId: number, bytes: number): void {
    this.sender.control(frameType.windowUpdate, streamId, bytes);
  }

  resetStream(stream: Stream, code: number): void {
    this.#sendReset(stream.id, code);
    stream.listener = undefined;
    this.closeStream(stream);
  }

  sentAll(stream: Stream): void {
    if (stream.isRemoteOver) this.closeStream(stream);
    // An answer ends the call: what the client still sends is of no use (section 8.1).
    else if (this.#isServer) this.resetStream(stream, errorCode.noError);
  }

  closeStream(stream: Stream): void {
    if (stream.isClosed) return;
    stream.isClosed = true;
    this.#streams.delete(stream.id);
    this.buffered -= stream.buffered;
    stream.buffered = 0;
    this.sender.drop(stream);
    if (this.#isGoingAway) this.#closeIfIdle();
    this.#options.onRoom?.();
  }

  #greet(): void {
    const { limits } = this.#options;
    if (!this.#isServer) this.sender.raw(preface);
    this.sender.raw(
      settingsFrame([
        this.#isServer
          ? [setting.maxConcurrentStreams, limits.maxConcurrentStreams]
          : [setting.enablePush, 0],
        [setting.maxHeaderListSize, limits.maxHeaderListBytes],
      ]),
    );
    this.windowUpdate(0, connectionWindow - defaultWindow);
  }

  readonly #onBytes = (chunk: Buffer): void => {
    this.#heardAt = performance.now();
    this.#pingedAt = undefined;
    try {
      const bytes = this.#prefaceLeft > 0 ? this.#afterPreface(chunk) : chunk;
      this.#reader.push(bytes);
      if (this.sender.waiting > this.#options.limits.maxUnreadBytes) this.#waitForReader();
    } catch (error) {
      this.#onError(error);
    }
  };

  #afterPreface(chunk: Buffer): Buffer {
    const from = preface.length - this.#prefaceLeft;
    const length = Math.min(chunk.length, this.#prefaceLeft);
    if (!chunk.subarray(0, length).equals(preface.subarray(from, from + length))) {
      throw new ConnectionError(errorCode.protocolError, "this is not HTTP/2");
    }
    this.#prefaceLeft -= length;
    return chunk.subarray(length);
  }

  /** Reads on when the peer does. */
  #waitForReader(): void {
    this.#socket.pause();
    this.#socket.once("drain", () => this.#socket.resume());
  }

  #onError(error: unknown): void {
    if (error instanceof ConnectionError) this.fail(error.code, error.message);
    else if (error instanceof HpackError) this.fail(errorCode.compressionError, error.message);
    else this.fail(errorCode.internalError, "internal error", error);
  }

  readonly #onFrame = (type: number, flags: number, streamId: number, payload: Buffer): void => {
    if (this.#isClosed) return;
    if (!this.#isGreeted) {
      if (type !== frameType.settings || flags & flag.ack) throw broken("SETTINGS must come first");
      this.#isGreeted = true;
    }
    const { streamId: assembling } = this.#assembler;
    if (assembling !== 0 && (type !== frameType.continuation || streamId !== assembling)) {
      throw broken("a frame within a header block");
    }
    switch (type) {
      case frameType.data:
        return this.#onData(flags, streamId, payload);
      case frameType.headers:
        return this.#assembler.headers(flags, streamId, payload);
      case frameType.continuation:
        return this.#assembler.continuation(flags, streamId, payload);
      case frameType.windowUpdate:
        return this.#onWindowUpdate(streamId, payload);
      case frameType.rstStream:
        return this.#onReset(streamId, payload);
      case frameType.settings:
        return this.#onSettings(flags, streamId, payload);
      case frameType.ping:
        return this.#onPing(flags, streamId, payload);
      case frameType.goaway:
        return this.#onGoAway(streamId, payload);
      case frameType.pushPromise:
        throw broken("PUSH_PROMISE, which is switched off");
      case frameType.priority:
        return this.#onPriority(streamId, payload);
      default:
        this.#spend(this.#forJunk, "unknown frames");
    }
  };

  readonly #onBlock = (streamId: number, block: Uint8Array, isEnd: boolean): void => {
    const fields = this.#decoder.decode(block);
    const stream = this.#streams.get(streamId);
    if (stream) this.#onMoreHeaders(stream, fields, isEnd);
    else if (this.#isServer && streamId > this.#lastPeerId) this.#onNew(streamId, fields, isEnd);
    else if (this.#isIdle(streamId)) throw broken(`HEADERS on stream ${streamId}, which is idle`);
    else if (!this.#resets.has(streamId)) throw closed(`HEADERS on stream ${streamId}`);
  };

  #onNew(streamId: number, fields: Fields | undefined, isEnd: boolean): void {
    if (streamId % 2 === 0) throw broken(`a client cannot open stream ${streamId}`);
    this.#lastPeerId = streamId;
    const isFull = this.#streams.size >= this.#options.limits.maxConcurrentStreams;
    if (isFull || streamId > this.#lastServed) {
      this.#spend(this.#forResets, "refused streams");
      this.#sendReset(streamId, errorCode.refusedStream);
      return;
    }
    const stream = new Stream(this, streamId, this.peer.initialWindowSize);
    this.#streams.set(streamId, stream);
    stream.hasHeaders = true;
    if (isEnd) stream.isRemoteOver = true;
    this.#options.accept?.(stream, fields, isEnd);
  }

  #onMoreHeaders(stream: Stream, fields: Fields | undefined, isEnd: boolean): void {
    if (stream.isRemoteOver) {
      this.#abort(stream, errorCode.streamClosed, "HEADERS after the end");
    } else if (!fields) {
      this.#abort(stream, errorCode.enhanceYourCalm, "the headers are too long");
    } else if (this.#isServer && !isEnd) {
      this.#abort(stream, errorCode.protocolError, "trailers that do not end the stream");
    } else {
      stream.listener?.onHeaders(fields, isEnd);
      if (isEnd) this.#endRemote(stream);
    }
  }

  #onData(flags: number, streamId: number, payload: Buffer): void {
    if (streamId === 0) throw broken("DATA on stream 0");
    if (this.#isIdle(streamId)) throw broken(`DATA on stream ${streamId}, which is idle`);
    this.#countReceived(payload.length);
    const bytes = withoutPadding(flags, payload);
    const isEnd = (flags & flag.endStream) !== 0;
    if (bytes.length === 0 && !isEnd) this.#spend(this.#forControl, "empty DATA");
    const stream = this.#streams.get(streamId);
    if (!stream) {
      if (this.#resets.has(streamId)) return;
      this.#spend(this.#forResets, "DATA on closed streams");
      this.#sendReset(streamId, errorCode.streamClosed);
      return;
    }
    if (stream.isRemoteOver) {
      this.#abort(stream, errorCode.streamClosed, "DATA after the end");
      return;
    }
    stream.receiveWindow -= payload.length;
    if (stream.receiveWindow < 0) {
      this.#abort(stream, errorCode.flowControlError, "more DATA than the window allows");
      return;
    }
    this.#deliver(stream, bytes, isEnd);
  }

  #deliver(stream: Stream, bytes: Buffer, isEnd: boolean): void {
    stream.buffered += bytes.length;
    this.buffered += bytes.length;
    if (this.buffered > this.#options.limits.maxBufferedBytes) {
      this.#abort(stream, errorCode.enhanceYourCalm, "too much lies on this connection");
      return;
    }
    if (stream.promisedBytes !== undefined) {
      stream.promisedBytes -= bytes.length;
      if (stream.promisedBytes < 0 || (isEnd && stream.promisedBytes > 0)) {
        this.#abort(stream, errorCode.protocolError, "not as long as content-length says");
        return;
      }
    }
    stream.listener?.onData(bytes, isEnd);
    if (isEnd) this.#endRemote(stream);
  }

  #endRemote(stream: Stream): void {
    if (!stream.isClosed) stream.remoteOver();
  }

  #countReceived(length: number): void {
    this.#receiveWindow -= length;
    if (this.#receiveWindow < 0) {
      throw new ConnectionError(errorCode.flowControlError, "more DATA than the window allows");
    }
    if (this.#receiveWindow > connectionWindow / 2) return;
    this.windowUpdate(0, connectionWindow - this.#receiveWindow);
    this.#receiveWindow = connectionWindow;
  }

  #onWindowUpdate(streamId: number, payload: Buffer): void {
    if (payload.length !== 4) throw sized("WINDOW_UPDATE");
    const bytes = readUint31(payload, 0);
    if (bytes < smallUpdate) this.#spend(this.#forJunk, "small WINDOW_UPDATEs");
    if (streamId === 0) {
      if (bytes === 0) throw broken("WINDOW_UPDATE of 0");
      if (this.sender.window + bytes > largestWindow) throw tooWide();
      this.sender.widen(bytes);
      return;
    }
    if (this.#isIdle(streamId)) throw broken(`WINDOW_UPDATE on stream ${streamId}, which is idle`);
    const stream = this.#streams.get(streamId);
    if (!stream) return;
    if (bytes === 0) this.#abort(stream, errorCode.protocolError, "WINDOW_UPDATE of 0");
    else if (stream.window + bytes > largestWindow) {
      this.#abort(stream, errorCode.flowControlError, "a window of more than 2^31 - 1");
    } else {
      stream.window += bytes;
      this.sender.resume(stream);
    }
  }

  #onReset(streamId: number, payload: Buffer): void {
    if (payload.length !== 4) throw sized("RST_STREAM");
    if (this.#isIdle(streamId)) throw broken(`RST_STREAM on stream ${streamId}, which is idle`);
    const stream = this.#streams.get(streamId);
    if (this.#isServer) this.#spend(this.#forResets, "RST_STREAM");
    if (!stream) return;
    this.closeStream(stream);
    stream.abort(readUint32(payload, 0), "the peer reset the stream");
  }

  #onSettings(flags: number, streamId: number, payload: Buffer): void {
    if (streamId !== 0) throw broken("SETTINGS on a stream");
    if (flags & flag.ack) {
      if (payload.length > 0) throw sized("SETTINGS with ACK");
      this.#areSettingsAccepted = true;
      return;
    }
    if (payload.length % 6 !== 0) throw sized("SETTINGS");
    this.#spend(this.#forControl, "SETTINGS");
    const before = this.peer.initialWindowSize;
    this.peer.apply(payload);
    this.sender.maxFrame = Math.min(this.peer.maxFrameSize, defaultMaxFrame);
    this.sender.encoder.setMaxTableSize(this.peer.headerTableSize);
    this.#moveWindows(this.peer.initialWindowSize - before);
    this.sender.frame(frameType.settings, flag.ack, 0, new Uint8Array());
    this.#options.onRoom?.();
  }

  /** A change of the initial window changes all windows, which may become negative (section 6.9.2). */
  #moveWindows(difference: number): void {
    if (difference === 0) return;
    for (const stream of this.#streams.values()) {
      stream.window += difference;
      if (stream.window > largestWindow) throw tooWide();
      this.sender.resume(stream);
    }
  }

  #onPing(flags: number, streamId: number, payload: Buffer): void {
    if (streamId !== 0) throw broken("PING on a stream");
    if (payload.length !== 8) throw sized("PING");
    if (flags & flag.ack) {
      this.#pings.shift()?.();
      return;
    }
    this.#spend(this.#forControl, "PING");
    this.sender.frame(frameType.ping, flag.ack, 0, payload);
  }

  #onGoAway(streamId: number, payload: Buffer): void {
    if (streamId !== 0) throw broken("GOAWAY on a stream");
    if (payload.length < 8) throw sized("GOAWAY");
    this.#isGoingAway = true;
    const last = readUint31(payload, 0);
    if (!this.#isServer) {
      for (const stream of [...this.#streams.values()]) {
        if (stream.id <= last) continue;
        this.closeStream(stream);
        stream.abort(errorCode.refusedStream, "the peer is going away");
      }
    }
    this.#options.onGoAway?.();
    this.#closeIfIdle();
  }

  #onPriority(streamId: number, payload: Buffer): void {
    if (streamId === 0) throw broken("PRIORITY on stream 0");
    this.#spend(this.#forJunk, "PRIORITY");
    if (payload.length === 5) return;
    const stream = this.#streams.get(streamId);
    if (!stream) throw sized("PRIORITY");
    this.#abort(stream, errorCode.frameSizeError, "a PRIORITY frame of the wrong size");
  }

  /** Ends a stream because of what the peer has sent on it (section 5.4.2). */
  #abort(stream: Stream, code: number, message: string): void {
    this.#spend(this.#forResets, "broken streams");
    this.#sendReset(stream.id, code);
    this.closeStream(stream);
    stream.abort(code, message);
  }

  #sendReset(streamId: number, code: number): void {
    this.sender.control(frameType.rstStream, streamId, code);
    this.#resets.add(streamId);
    if (this.#resets.size <= rememberedResets) return;
    const [oldest] = this.#resets;
    if (oldest !== undefined) this.#resets.delete(oldest);
  }

  #isIdle(streamId: number): boolean {
    const isOurs = (streamId % 2 === 1) !== this.#isServer;
    return isOurs ? streamId >= this.#nextId || this.#isServer : streamId > this.#lastPeerId;
  }

  #spend(allowance: Allowance, on: string): void {
    if (allowance.take()) return;
    throw new ConnectionError(errorCode.enhanceYourCalm, `too many ${on}`);
  }

  #closeIfIdle(): void {
    if (this.#streams.size > 0 || this.#isClosed || !this.#isGoingAway) return;
    if (this.#isServer && this.#lastServed === largestWindow) return;
    this.sender.flush();
    this.#over(undefined);
    this.#socket.end();
  }

  #over(reason: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const stream of [...this.#streams.values()]) {
      this.closeStream(stream);
      stream.abort(errorCode.internalError, reason?.message ?? "the connection was lost");
    }
    for (const resolve of this.#pings.splice(0)) resolve();
    this.#options.onClose(reason);
  }
}

const broken = (message: string) => new ConnectionError(errorCode.protocolError, message);
const closed = (message: string) => new ConnectionError(errorCode.streamClosed, message);
const sized = (name: string) =>
  new ConnectionError(errorCode.frameSizeError, `a ${name} frame of the wrong size`);
const tooWide = () =>
  new ConnectionError(errorCode.flowControlError, "a window of more than 2^31 - 1");
const silent = () => new Error("the peer has fallen silent");
