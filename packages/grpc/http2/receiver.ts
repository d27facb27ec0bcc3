import { type Fields, HpackDecoder } from "../hpack/decoder.ts";
import type { Connection } from "./connection.ts";
import type { Limits } from "./connection-limits.ts";
import { FrameReader } from "./frame-reader.ts";
import {
  ConnectionError,
  connectionWindow,
  defaultMaxFrame,
  errorCode,
  flag,
  frameType,
  largestWindow,
  preface,
  readUint31,
  readUint32,
} from "./frames.ts";
import { HeaderAssembler, withoutPadding } from "./header-assembler.ts";
import type { Stream } from "./stream.ts";
import { Allowance } from "./token-bucket.ts";

const smallUpdate = 1_024;
const overrun = "more DATA than the window allows";

/**
 * Does what the peer's frames say. What breaks RFC 9113 in a way that ends the connection is thrown as a
 * ConnectionError or an HpackError.
 */
export class Receiver {
  readonly #connection: Connection;
  readonly #limits: Limits;
  readonly #reader: FrameReader;
  readonly #decoder: HpackDecoder;
  readonly #assembler: HeaderAssembler;
  // What is cheap for the peer, and not for us, is had only so often.
  readonly #forControl = new Allowance(1_000, 100);
  readonly #forResets = new Allowance(1_000, 100);
  readonly #forJunk = new Allowance(10_000, 1_000);
  #prefaceLeft: number;
  #isGreeted = false;
  #window = connectionWindow;

  constructor(connection: Connection, limits: Limits) {
    this.#connection = connection;
    this.#limits = limits;
    this.#prefaceLeft = connection.isServer ? preface.length : 0;
    this.#reader = new FrameReader(defaultMaxFrame, this.#onFrame);
    const maxListSize = limits.maxHeaderListBytes;
    this.#decoder = new HpackDecoder({ maxTableSize: 4_096, maxListSize });
    this.#assembler = new HeaderAssembler(limits, this.#onBlock);
  }

  /** Takes the next bytes of the connection. */
  push(chunk: Buffer): void {
    this.#reader.push(this.#prefaceLeft > 0 ? this.#afterPreface(chunk) : chunk);
  }

  /** Counts a reset that the peer has asked for, or brought about. Throws when they are too many. */
  countReset(): void {
    this.#spend(this.#forResets, "streams that are reset");
  }

  /**
   * Counts a call that was answered, which earns the peer a reset: clients that hedge call off many, in
   * proportion to what they finish.
   */
  countAnswer(): void {
    this.#forResets.give();
  }

  /** Counts a call of ours, which earns the peer a frame that comes late, when the call is over. */
  countCall(): void {
    this.#forJunk.give();
  }

  #afterPreface(chunk: Buffer): Buffer {
    const from = preface.length - this.#prefaceLeft;
    const length = Math.min(chunk.length, this.#prefaceLeft);
    const isRight = preface.compare(chunk, 0, length, from, from + length) === 0;
    if (!isRight) throw broken("this is not HTTP/2");
    this.#prefaceLeft -= length;
    return chunk.subarray(length);
  }

  readonly #onFrame = (type: number, flags: number, streamId: number, payload: Buffer): void => {
    if (this.#connection.isClosed) return;
    this.#requireOrder(type, flags, streamId);
    switch (type) {
      case frameType.data:
        this.#onData(flags, streamId, payload);
        break;
      case frameType.headers:
        this.#assembler.headers(flags, streamId, payload);
        break;
      case frameType.continuation:
        this.#assembler.continuation(flags, streamId, payload);
        break;
      case frameType.windowUpdate:
        this.#onWindowUpdate(streamId, payload);
        break;
      case frameType.rstStream:
        this.#onReset(streamId, payload);
        break;
      case frameType.settings:
        this.#onSettings(flags, streamId, payload);
        break;
      case frameType.ping:
        this.#onPing(flags, streamId, payload);
        break;
      case frameType.goaway:
        this.#onGoAway(streamId, payload);
        break;
      case frameType.pushPromise:
        throw broken("PUSH_PROMISE, which is switched off");
      case frameType.priority:
        this.#onPriority(streamId, payload);
        break;
      default:
        this.#spend(this.#forJunk, "unknown frames");
    }
  };

  /** SETTINGS come first, and header blocks in one piece (sections 3.4 and 6.10). */
  #requireOrder(type: number, flags: number, streamId: number): void {
    if (!this.#isGreeted) {
      if (type !== frameType.settings || flags & flag.ack) throw broken("SETTINGS must come first");
      this.#isGreeted = true;
    }
    const { streamId: assembling } = this.#assembler;
    if (assembling === 0) return;
    if (type === frameType.continuation && streamId === assembling) return;
    throw broken("a frame within a header block");
  }

  readonly #onBlock = (streamId: number, block: Uint8Array, isEnd: boolean): void => {
    const { streams, isServer } = this.#connection;
    const fields = this.#decoder.decode(block);
    const stream = streams.get(streamId);
    if (stream) this.#onMoreHeaders(stream, fields, isEnd);
    else if (isServer && streamId > streams.lastPeerId) this.#onNew(streamId, fields, isEnd);
    else if (streams.isIdle(streamId)) throw broken(`HEADERS on stream ${streamId}, which is idle`);
    else if (streams.wasSkipped(streamId)) throw broken(`HEADERS on stream ${streamId}, too late`);
    else if (streams.wasReset(streamId)) this.#spend(this.#forJunk, "late HEADERS");
    else throw new ConnectionError(errorCode.streamClosed, `HEADERS on stream ${streamId}`);
  };

  #onNew(streamId: number, fields: Fields | undefined, isEnd: boolean): void {
    if (streamId % 2 === 0) throw broken(`a client cannot open stream ${streamId}`);
    if (this.#connection.accept(streamId, fields, isEnd)) return;
    this.#connection.sendReset(streamId, errorCode.refusedStream);
  }

  #onMoreHeaders(stream: Stream, fields: Fields | undefined, isEnd: boolean): void {
    if (stream.isRemoteOver) {
      this.#abort(stream, errorCode.streamClosed, "HEADERS after the end");
    } else if (!fields) {
      this.#abort(stream, errorCode.enhanceYourCalm, "the headers are too long");
    } else if (this.#connection.isServer && !isEnd) {
      this.#abort(stream, errorCode.protocolError, "trailers that do not end the stream");
    } else if (isEnd && (stream.promisedBytes ?? 0) > 0) {
      this.#abort(stream, errorCode.protocolError, "not as long as content-length says");
    } else {
      stream.takeHeaders(fields, isEnd);
    }
  }

  #onData(flags: number, streamId: number, payload: Buffer): void {
    const { streams } = this.#connection;
    if (streams.isIdle(streamId)) throw broken(`DATA on stream ${streamId}, which is idle`);
    this.#countReceived(payload.length);
    const bytes = withoutPadding(flags, payload);
    const isEnd = (flags & flag.endStream) !== 0;
    if (bytes.length === 0 && !isEnd) this.#spend(this.#forControl, "empty DATA");
    const stream = streams.get(streamId);
    if (stream) this.#deliver(stream, bytes, payload.length, isEnd);
    else if (!streams.wasReset(streamId)) {
      this.#connection.sendReset(streamId, errorCode.streamClosed);
    } else if (!streams.receiveLate(streamId, payload.length)) throw flooded(overrun);
  }

  #deliver(stream: Stream, bytes: Buffer, size: number, isEnd: boolean): void {
    if (stream.isRemoteOver) {
      this.#abort(stream, errorCode.streamClosed, "DATA after the end");
      return;
    }
    const problem = stream.receive(bytes.length, size, isEnd);
    if (problem) this.#abort(stream, problem.code, problem.message);
    else if (this.#connection.buffered > this.#limits.maxBufferedBytes) {
      this.#abort(stream, errorCode.enhanceYourCalm, "too much lies on this connection");
    } else {
      stream.takeData(bytes, isEnd);
    }
  }

  /** The window of the connection is given back at once: it is the streams' that bound memory. */
  #countReceived(length: number): void {
    this.#window -= length;
    if (this.#window < 0) throw flooded(overrun);
    if (this.#window > connectionWindow / 2) return;
    this.#connection.windowUpdate(0, connectionWindow - this.#window);
    this.#window = connectionWindow;
  }

  #onWindowUpdate(streamId: number, payload: Buffer): void {
    if (payload.length !== 4) throw sized("WINDOW_UPDATE");
    const { sender, streams } = this.#connection;
    const bytes = readUint31(payload, 0);
    if (bytes < smallUpdate) this.#spend(this.#forJunk, "small WINDOW_UPDATEs");
    if (streamId === 0) {
      if (bytes === 0) throw broken("WINDOW_UPDATE of 0");
      if (sender.window + bytes > largestWindow) throw flooded("a window of more than 2^31 - 1");
      sender.widen(bytes);
      return;
    }
    if (streams.isIdle(streamId))
      throw broken(`WINDOW_UPDATE on stream ${streamId}, which is idle`);
    const stream = streams.get(streamId);
    if (!stream) return;
    if (bytes === 0) this.#abort(stream, errorCode.protocolError, "WINDOW_UPDATE of 0");
    else if (stream.window + bytes > largestWindow) {
      this.#abort(stream, errorCode.flowControlError, "a window of more than 2^31 - 1");
    } else {
      stream.window += bytes;
      sender.resume(stream);
    }
  }

  #onReset(streamId: number, payload: Buffer): void {
    const { streams, isServer } = this.#connection;
    if (payload.length !== 4) throw sized("RST_STREAM");
    if (streams.isIdle(streamId)) throw broken(`RST_STREAM on stream ${streamId}, which is idle`);
    const stream = streams.get(streamId);
    if (isServer) this.countReset();
    else if (!stream) this.#spend(this.#forJunk, "late resets");
    if (!stream) return;
    this.#connection.closeStream(stream);
    stream.abort(readUint32(payload, 0), "the peer reset the stream");
  }

  #onSettings(flags: number, streamId: number, payload: Buffer): void {
    if (streamId !== 0) throw broken("SETTINGS on a stream");
    if (payload.length % 6 !== 0 || (flags & flag.ack && payload.length > 0))
      throw sized("SETTINGS");
    if (flags & flag.ack) {
      this.#spend(this.#forJunk, "acknowledgements");
      this.#connection.settingsAccepted();
      return;
    }
    this.#spend(this.#forControl, "SETTINGS");
    this.#connection.applySettings(payload);
  }

  #onPing(flags: number, streamId: number, payload: Buffer): void {
    if (streamId !== 0) throw broken("PING on a stream");
    if (payload.length !== 8) throw sized("PING");
    if (flags & flag.ack) {
      this.#spend(this.#forJunk, "acknowledgements");
      this.#connection.pinged();
      return;
    }
    this.#spend(this.#forControl, "PINGs");
    this.#connection.sender.frame(frameType.ping, flag.ack, 0, payload);
  }

  #onGoAway(streamId: number, payload: Buffer): void {
    if (streamId !== 0) throw broken("GOAWAY on a stream");
    if (payload.length < 8) throw sized("GOAWAY");
    this.#spend(this.#forControl, "GOAWAYs");
    this.#connection.peerGoesAway(readUint31(payload, 0));
  }

  /** Priorities are read and ignored (section 5.3.2). */
  #onPriority(streamId: number, payload: Buffer): void {
    if (streamId === 0) throw broken("PRIORITY on stream 0");
    this.#spend(this.#forJunk, "PRIORITY frames");
    if (payload.length === 5) return;
    const stream = this.#connection.streams.get(streamId);
    if (!stream) throw sized("PRIORITY");
    this.#abort(stream, errorCode.frameSizeError, "a PRIORITY frame of the wrong size");
  }

  /** Ends a stream because of what the peer has sent on it (section 5.4.2). */
  #abort(stream: Stream, code: number, message: string): void {
    this.#connection.sendReset(stream.id, code, stream.receiveWindow);
    this.#connection.closeStream(stream);
    stream.abort(code, message);
  }

  #spend(allowance: Allowance, on: string): void {
    if (allowance.take()) return;
    throw new ConnectionError(errorCode.enhanceYourCalm, `too many ${on}`);
  }
}

const broken = (message: string) => new ConnectionError(errorCode.protocolError, message);
const flooded = (message: string) => new ConnectionError(errorCode.flowControlError, message);
const sized = (name: string) =>
  new ConnectionError(errorCode.frameSizeError, `a ${name} frame of the wrong size`);
