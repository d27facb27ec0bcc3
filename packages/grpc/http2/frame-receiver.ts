import { HpackDecoder } from "../hpack/decoder.ts";
import type { HeaderFields } from "../hpack/header-fields.ts";
import {
  ConnectionError,
  flowControlError,
  frameSizeError,
  protocolError,
} from "./connection-error.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import type { FloodGuard } from "./flood-guard.ts";
import { FrameReader } from "./frame-reader.ts";
import type { FrameTarget } from "./frame-target.ts";
import {
  clientPrefaceMagic,
  connectionWindowBytes,
  defaultMaxFrameBytes,
  defaultWindowBytes,
  errorCode,
  flag,
  frameType,
  maxWindowBytes,
  readUint31,
  readUint32,
} from "./frames.ts";
import { HeaderAssembler, withoutPadding } from "./header-assembler.ts";
import type { Http2Stream } from "./stream.ts";
import type { TurnBudget } from "./turn-budget.ts";

/** How much of a GOAWAY's debug data is read. */
const maxDebugDataBytes = 100;
const windowExceeded = "more DATA than the window allows";

/**
 * Parses the peer's frames and applies them to the connection. Throws a ConnectionError or an HpackError on
 * violations of RFC 9113 that end the connection.
 */
export class FrameReceiver {
  readonly #connection: FrameTarget;
  readonly #limits: ConnectionLimits;
  readonly #reader: FrameReader;
  readonly #decoder: HpackDecoder;
  readonly #assembler: HeaderAssembler;
  readonly #floodGuard: FloodGuard;
  #prefaceBytesLeft: number;
  #hasSettings = false;
  #window = connectionWindowBytes;

  constructor(connection: FrameTarget, limits: ConnectionLimits, floodGuard: FloodGuard) {
    this.#connection = connection;
    this.#floodGuard = floodGuard;
    this.#limits = limits;
    this.#prefaceBytesLeft = connection.isServer ? clientPrefaceMagic.length : 0;
    this.#reader = new FrameReader(defaultMaxFrameBytes, this.#onFrame);
    const maxListSize = limits.maxHeaderListBytes;
    this.#decoder = new HpackDecoder({ maxTableSize: 4_096, maxListSize });
    this.#assembler = new HeaderAssembler(limits, this.#onBlock);
  }

  /** Takes the next bytes of the connection. */
  push(chunk: Buffer): void {
    this.#reader.push(this.#prefaceBytesLeft > 0 ? this.#afterPreface(chunk) : chunk);
  }

  /** Reads frames until the bytes or the budget are used up; false when bytes are left. */
  read(budget: TurnBudget): boolean {
    return this.#reader.read(budget);
  }

  #afterPreface(chunk: Buffer): Buffer {
    const from = clientPrefaceMagic.length - this.#prefaceBytesLeft;
    const length = Math.min(chunk.length, this.#prefaceBytesLeft);
    const isRight = clientPrefaceMagic.compare(chunk, 0, length, from, from + length) === 0;
    if (!isRight) throw protocolError("this is not HTTP/2");
    this.#prefaceBytesLeft -= length;
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
        this.#assembler.onHeaders(flags, streamId, payload);
        break;
      case frameType.continuation:
        this.#assembler.onContinuation(flags, streamId, payload);
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
        throw protocolError("PUSH_PROMISE, which is switched off");
      case frameType.priority:
        this.#onPriority(streamId, payload);
        break;
      default:
        this.#floodGuard.countUselessFrame("unknown");
    }
  };

  /** SETTINGS come first, and nothing interrupts a header block (sections 3.4 and 6.10). */
  #requireOrder(type: number, flags: number, streamId: number): void {
    if (!this.#hasSettings) {
      if (type !== frameType.settings || flags & flag.ack)
        throw protocolError("SETTINGS must come first");
      this.#hasSettings = true;
    }
    const { streamId: assembling } = this.#assembler;
    if (assembling === 0) return;
    if (type === frameType.continuation && streamId === assembling) return;
    throw protocolError("a frame within a header block");
  }

  readonly #onBlock = (streamId: number, block: Uint8Array, isEnd: boolean): void => {
    const { streams, isServer } = this.#connection;
    const fields = this.#decoder.decode(block);
    const stream = streams.get(streamId);
    if (stream) this.#onMoreHeaders(stream, fields, isEnd);
    else if (isServer && streamId > streams.lastPeerStreamId)
      this.#onRequestHeaders(streamId, fields, isEnd);
    else if (streams.isIdle(streamId))
      throw protocolError(`HEADERS on stream ${streamId}, which is idle`);
    else if (streams.wasSkipped(streamId))
      throw protocolError(`HEADERS on stream ${streamId}, too late`);
    // gRPC's servers send trailers twice (C core), or behind their reset (Java), when a deadline ends a call.
    else if (!isServer || streams.wasReset(streamId))
      this.#floodGuard.countUselessFrame("late HEADERS");
    else if (streams.wasResetByPeer(streamId))
      this.#connection.sendReset(streamId, errorCode.streamClosed);
    else throw new ConnectionError(errorCode.streamClosed, `HEADERS on stream ${streamId}`);
  };

  #onRequestHeaders(streamId: number, fields: HeaderFields | undefined, isEnd: boolean): void {
    if (streamId % 2 === 0) throw protocolError(`a client cannot open stream ${streamId}`);
    if (this.#connection.acceptStream(streamId, fields, isEnd)) return;
    this.#connection.sendReset(streamId, errorCode.refusedStream);
  }

  #onMoreHeaders(stream: Http2Stream, fields: HeaderFields | undefined, isEnd: boolean): void {
    if (stream.isRemoteEnded) {
      this.#abort(stream, errorCode.streamClosed, "HEADERS after the end");
    } else if (!fields) {
      this.#abort(stream, errorCode.enhanceYourCalm, "the headers are too long");
    } else if (this.#connection.isServer && !isEnd) {
      this.#abort(stream, errorCode.protocolError, "trailers that do not end the stream");
    } else if (isEnd && (stream.remainingContentLength ?? 0) > 0) {
      this.#abort(stream, errorCode.protocolError, "not as long as content-length says");
    } else {
      stream.deliverHeaders(fields, isEnd);
    }
  }

  #onData(flags: number, streamId: number, payload: Buffer): void {
    const { streams } = this.#connection;
    if (streams.isIdle(streamId)) throw protocolError(`DATA on stream ${streamId}, which is idle`);
    this.#countWindow(payload.length);
    const bytes = withoutPadding(flags, payload);
    const isEnd = (flags & flag.endStream) !== 0;
    if (bytes.length === 0 && !isEnd) this.#floodGuard.countControlFrame("empty DATA");
    const stream = streams.get(streamId);
    if (stream) this.#deliver(stream, bytes, payload.length, isEnd);
    else this.#dropLateData(streamId, payload.length);
  }

  #dropLateData(streamId: number, size: number): void {
    const { streams, isServer } = this.#connection;
    if (size === 0) this.#floodGuard.countUselessFrame("late DATA");
    if (!streams.wasReset(streamId)) {
      if (isServer) {
        this.#connection.sendReset(streamId, errorCode.streamClosed);
        return;
      }
      streams.addReset(streamId, defaultWindowBytes);
    }
    if (!streams.countLateData(streamId, size)) throw flowControlError(windowExceeded);
  }

  #deliver(stream: Http2Stream, bytes: Buffer, size: number, isEnd: boolean): void {
    if (stream.isRemoteEnded) {
      this.#abort(stream, errorCode.streamClosed, "DATA after the end");
      return;
    }
    const problem = stream.countReceived(bytes.length, size, isEnd);
    if (problem) this.#abort(stream, problem.code, problem.message);
    else if (this.#connection.bufferedBytes > this.#limits.maxBufferedBytes) {
      this.#abort(stream, errorCode.enhanceYourCalm, "too many unread bytes on this connection");
    } else {
      stream.deliverData(bytes, isEnd);
    }
  }

  /** Restores the window of the connection without waiting: the windows of streams bound memory. */
  #countWindow(length: number): void {
    this.#window -= length;
    if (this.#window < 0) throw flowControlError(windowExceeded);
    if (this.#window > connectionWindowBytes / 2) return;
    this.#connection.sendWindowUpdate(0, connectionWindowBytes - this.#window);
    this.#window = connectionWindowBytes;
  }

  #onWindowUpdate(streamId: number, payload: Buffer): void {
    if (payload.length !== 4) throw wrongSize("WINDOW_UPDATE");
    const { sender, streams } = this.#connection;
    const bytes = readUint31(payload, 0);
    this.#floodGuard.countWindowUpdate(bytes);
    if (streamId === 0) {
      if (bytes === 0) throw protocolError("WINDOW_UPDATE of 0");
      if (sender.sendWindow + bytes > maxWindowBytes)
        throw flowControlError("a window of more than 2^31 - 1");
      sender.growWindow(bytes);
      return;
    }
    if (streams.isIdle(streamId))
      throw protocolError(`WINDOW_UPDATE on stream ${streamId}, which is idle`);
    const stream = streams.get(streamId);
    if (!stream) return;
    if (bytes === 0) this.#abort(stream, errorCode.protocolError, "WINDOW_UPDATE of 0");
    else if (stream.sendWindow + bytes > maxWindowBytes) {
      this.#abort(stream, errorCode.flowControlError, "a window of more than 2^31 - 1");
    } else {
      stream.sendWindow += bytes;
      sender.resume(stream);
    }
  }

  #onReset(streamId: number, payload: Buffer): void {
    const { streams, isServer } = this.#connection;
    if (payload.length !== 4) throw wrongSize("RST_STREAM");
    if (streams.isIdle(streamId))
      throw protocolError(`RST_STREAM on stream ${streamId}, which is idle`);
    const stream = streams.get(streamId);
    // A response that has begun is work that other calls cost the peer too.
    if (isServer && !stream?.hasSentHeaders) this.#floodGuard.countReset();
    else if (!stream) this.#floodGuard.countUselessFrame("late RST_STREAM");
    if (!stream) return;
    streams.addPeerReset(streamId);
    this.#connection.closeStream(stream);
    stream.abort(readUint32(payload, 0), "the peer reset the stream");
  }

  #onSettings(flags: number, streamId: number, payload: Buffer): void {
    if (streamId !== 0) throw protocolError("SETTINGS on a stream");
    if (payload.length % 6 !== 0 || (flags & flag.ack && payload.length > 0))
      throw wrongSize("SETTINGS");
    if (flags & flag.ack) {
      this.#floodGuard.countUselessFrame("SETTINGS acknowledgement");
      this.#connection.onSettingsAck();
      return;
    }
    this.#floodGuard.countControlFrame("SETTINGS");
    this.#connection.applySettings(payload);
  }

  #onPing(flags: number, streamId: number, payload: Buffer): void {
    if (streamId !== 0) throw protocolError("PING on a stream");
    if (payload.length !== 8) throw wrongSize("PING");
    if (flags & flag.ack) {
      this.#floodGuard.countUselessFrame("PING acknowledgement");
      this.#connection.onPingAck();
      return;
    }
    this.#floodGuard.countControlFrame("PING");
    this.#connection.sender.writeFrame(frameType.ping, flag.ack, 0, payload);
  }

  #onGoAway(streamId: number, payload: Buffer): void {
    if (streamId !== 0) throw protocolError("GOAWAY on a stream");
    if (payload.length < 8) throw wrongSize("GOAWAY");
    this.#floodGuard.countControlFrame("GOAWAY");
    const debugData = payload.toString("latin1", 8, 8 + maxDebugDataBytes).replace(/[^ -~]/g, "?");
    this.#connection.onGoaway(readUint31(payload, 0), readUint32(payload, 4), debugData);
  }

  /** Validates priorities, and ignores them (section 5.3.2). */
  #onPriority(streamId: number, payload: Buffer): void {
    if (streamId === 0) throw protocolError("PRIORITY on stream 0");
    this.#floodGuard.countUselessFrame("PRIORITY");
    if (payload.length === 5) return;
    const stream = this.#connection.streams.get(streamId);
    if (!stream) throw wrongSize("PRIORITY");
    this.#abort(stream, errorCode.frameSizeError, "a PRIORITY frame of the wrong size");
  }

  /** Ends a stream on which the peer broke a rule (section 5.4.2). */
  #abort(stream: Http2Stream, code: number, message: string): void {
    this.#connection.sendReset(stream.id, code, stream.receiveWindow);
    this.#connection.closeStream(stream);
    stream.abort(code, message);
  }
}

const wrongSize = (name: string): ConnectionError =>
  frameSizeError(`a ${name} frame of the wrong size`);
