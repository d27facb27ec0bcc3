import type { Duplex } from "node:stream";
import type { HeaderFields } from "../hpack/decoder.ts";
import { HpackEncoder, maxEncodedBytes } from "../hpack/encoder.ts";
import {
  defaultMaxFrameBytes,
  defaultWindowBytes,
  flag,
  frameHeaderBytes,
  frameType,
  writeFrameHeader,
  writeUint32,
} from "./frames.ts";
import { WriteBuffer } from "./write-buffer.ts";

// A small message waits behind at most this much of large ones.
const maxPendingBytes = 128 * 1024;
/** A stream that holds more should not be given more. */
const maxQueueBytes = 64 * 1024;

/** The sending half of a stream. */
export abstract class SendQueue {
  /** 0 until a stream of ours begins, because streams must begin in the order of their numbers. */
  id: number;
  /** How much the peer lets this stream send (RFC 9113, section 6.9). */
  sendWindow: number;
  /** Bytes that wait. */
  queuedBytes = 0;
  readonly chunks: Uint8Array[] = [];
  /** Whether nothing follows what waits, except for the trailers. */
  isEnding = false;
  /** Whether the last frame has been written. */
  isEndSent = false;
  trailers: HeaderFields | undefined;

  constructor(id: number, window: number) {
    this.id = id;
    this.sendWindow = window;
  }

  /** Whether what is given now only makes the queue longer. */
  get isFull(): boolean {
    return this.queuedBytes >= maxQueueBytes;
  }

  /** Called when a queue that was full has room again. */
  abstract onDrain(): void;

  /** Called when the last frame has been written. */
  abstract onEndSent(): void;
}

/**
 * Writes frames. Data goes out at once while there is room; otherwise it queues, and the streams take
 * turns, a frame each, so that a large message holds up no small one.
 */
export class FrameSender {
  readonly encoder = new HpackEncoder();
  readonly #output: WriteBuffer;
  readonly #ready = new Set<SendQueue>();
  /** How much the peer lets the whole connection send. */
  sendWindow = defaultWindowBytes;
  maxFrameBytes = defaultMaxFrameBytes;
  /** Bytes that wait in all queues. */
  queuedBytes = 0;
  /** Bytes of DATA that have been written so far. */
  sentDataBytes = 0;

  constructor(socket: Duplex) {
    this.#output = new WriteBuffer(socket, () => this.#pump());
  }

  /** How many bytes wait for a peer that does not read, beside those in queues. */
  get pendingBytes(): number {
    return this.#output.pendingBytes;
  }

  /** Sends what is to be sent now, without waiting for the end of the turn. */
  flush(): void {
    this.#output.flush();
  }

  writeRaw(bytes: Uint8Array): void {
    const at = this.#output.reserve(bytes.length);
    this.#output.bytes.set(bytes, at);
    this.#output.length = at + bytes.length;
  }

  /** Writes a frame whose payload is one number of four bytes, or two. */
  writeControlFrame(type: number, streamId: number, first: number, second?: number): void {
    const length = second === undefined ? 4 : 8;
    let at = this.#output.reserve(frameHeaderBytes + length);
    const { bytes } = this.#output;
    at = writeFrameHeader(bytes, at, length, type, 0, streamId);
    at = writeUint32(bytes, at, first);
    this.#output.length = second === undefined ? at : writeUint32(bytes, at, second);
  }

  writeFrame(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    const at = this.#output.reserve(frameHeaderBytes + payload.length);
    const start = writeFrameHeader(this.#output.bytes, at, payload.length, type, flags, streamId);
    this.#output.bytes.set(payload, start);
    this.#output.length = start + payload.length;
  }

  /** Writes a header block, in several frames when it is long (section 6.10). */
  writeHeaders(streamId: number, fields: HeaderFields, isEnd: boolean): void {
    const bound = maxEncodedBytes(fields);
    const endStream = isEnd ? flag.endStream : 0;
    const at = this.#output.reserve(frameHeaderBytes + bound);
    if (bound <= this.maxFrameBytes) {
      const { bytes } = this.#output;
      const start = at + frameHeaderBytes;
      const end = this.encoder.encode(fields, bytes, start);
      const flags = flag.endHeaders | endStream;
      writeFrameHeader(bytes, at, end - start, frameType.headers, flags, streamId);
      this.#output.length = end;
      return;
    }
    const block = new Uint8Array(bound);
    const length = this.encoder.encode(fields, block, 0);
    for (let from = 0; from < length; from += this.maxFrameBytes) {
      const part = block.subarray(from, Math.min(from + this.maxFrameBytes, length));
      const isLast = from + part.length === length;
      const type = from === 0 ? frameType.headers : frameType.continuation;
      const flags = (isLast ? flag.endHeaders : 0) | (from === 0 ? endStream : 0);
      this.writeFrame(type, flags, streamId, part);
    }
  }

  /** Sends a message: its prefix, which is copied, and its body, which must not change any more. */
  writeMessage(queue: SendQueue, prefix: Uint8Array, body: Uint8Array, isEnd: boolean): void {
    const length = prefix.length + body.length;
    if (queue.queuedBytes === 0 && this.#fits(length, queue)) {
      let at = this.#output.reserve(frameHeaderBytes + length);
      const { bytes } = this.#output;
      const flags = isEnd ? flag.endStream : 0;
      at = writeFrameHeader(bytes, at, length, frameType.data, flags, queue.id);
      bytes.set(prefix, at);
      bytes.set(body, at + prefix.length);
      this.#output.length = at + length;
      this.sendWindow -= length;
      this.sentDataBytes += length;
      queue.sendWindow -= length;
      if (isEnd) markEndSent(queue);
      return;
    }
    queue.chunks.push(prefix.slice(), body);
    queue.queuedBytes += length;
    this.queuedBytes += length;
    queue.isEnding = isEnd;
    this.resume(queue);
  }

  /** Ends a stream behind what waits in its queue: with trailers, or without. */
  writeEnd(queue: SendQueue, trailers?: HeaderFields): void {
    queue.isEnding = true;
    queue.trailers = trailers;
    if (queue.queuedBytes === 0) this.#finish(queue);
  }

  /** Lets a stream go on that may have got a larger window. */
  resume(queue: SendQueue): void {
    if (queue.queuedBytes === 0) return;
    this.#ready.add(queue);
    this.#pump();
  }

  /** Lets all go on: the window of the connection is larger. */
  growWindow(bytes: number): void {
    this.sendWindow += bytes;
    this.#pump();
  }

  discardQueue(queue: SendQueue): void {
    queue.chunks.length = 0;
    this.queuedBytes -= queue.queuedBytes;
    queue.queuedBytes = 0;
    this.#ready.delete(queue);
  }

  #fits(length: number, queue: SendQueue): boolean {
    return (
      length <= this.maxFrameBytes &&
      length <= this.sendWindow &&
      length <= queue.sendWindow &&
      this.#output.pendingBytes < maxPendingBytes
    );
  }

  #pump(): void {
    for (const queue of this.#ready) {
      if (this.sendWindow <= 0 || this.#output.pendingBytes >= maxPendingBytes) return;
      // Whoever is served goes to the end of the line.
      this.#ready.delete(queue);
      if (queue.sendWindow <= 0) continue;
      const wasFull = queue.isFull;
      this.#sendSome(queue);
      if (queue.queuedBytes > 0) this.#ready.add(queue);
      else if (queue.isEnding) this.#finish(queue);
      if (wasFull && !queue.isFull) queue.onDrain();
    }
  }

  #sendSome(queue: SendQueue): void {
    const length = Math.min(
      queue.queuedBytes,
      this.maxFrameBytes,
      this.sendWindow,
      queue.sendWindow,
    );
    const isLast = length === queue.queuedBytes && queue.isEnding && !queue.trailers;
    const flags = isLast ? flag.endStream : 0;
    let at = this.#output.reserve(frameHeaderBytes + length);
    const { bytes } = this.#output;
    at = writeFrameHeader(bytes, at, length, frameType.data, flags, queue.id);
    for (let left = length; left > 0; ) {
      const chunk = queue.chunks[0] as Uint8Array;
      const part = chunk.length <= left ? chunk : chunk.subarray(0, left);
      bytes.set(part, at);
      at += part.length;
      left -= part.length;
      if (part === chunk) queue.chunks.shift();
      else queue.chunks[0] = chunk.subarray(part.length);
    }
    this.#output.length = at;
    queue.queuedBytes -= length;
    queue.sendWindow -= length;
    this.queuedBytes -= length;
    this.sendWindow -= length;
    this.sentDataBytes += length;
    if (isLast) markEndSent(queue);
  }

  #finish(queue: SendQueue): void {
    if (queue.isEndSent) return;
    if (queue.trailers) this.writeHeaders(queue.id, queue.trailers, true);
    else this.writeFrame(frameType.data, flag.endStream, queue.id, emptyPayload);
    markEndSent(queue);
  }
}

const emptyPayload = new Uint8Array();

function markEndSent(queue: SendQueue): void {
  queue.isEndSent = true;
  queue.onEndSent();
}
