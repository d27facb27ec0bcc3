import type { Duplex } from "node:stream";
import { HpackEncoder, maxEncodedBytes } from "../hpack/encoder.ts";
import type { HeaderFields } from "../hpack/header-fields.ts";
import {
  defaultMaxFrameBytes,
  defaultWindowBytes,
  flag,
  frameHeaderBytes,
  frameType,
  writeFrameHeader,
  writeUint32,
} from "./frames.ts";
import type { SendBudget } from "./send-budget.ts";
import type { SendQueue } from "./send-queue.ts";
import { WriteBuffer } from "./write-buffer.ts";

/** The most buffered bytes that a small message waits behind. */
const maxPendingBytes = 128 * 1024;

/**
 * Writes frames. DATA is written at once while windows and buffer have room; otherwise it is queued, and the
 * streams take turns, a frame each, so that a large message does not delay small ones.
 */
export class FrameSender {
  readonly encoder = new HpackEncoder();
  readonly #output: WriteBuffer;
  readonly #budget: SendBudget | undefined;
  readonly #ready = new Set<SendQueue>();
  /** The send window of the connection. */
  sendWindow = defaultWindowBytes;
  maxFrameBytes = defaultMaxFrameBytes;
  /** Bytes in all queues. */
  queuedBytes = 0;
  /** Bytes of the buffers of all queues. */
  heldBytes = 0;
  /** Bytes of DATA written so far. */
  sentDataBytes = 0;
  /** DATA and HEADERS frames written so far. */
  sentFrames = 0;

  constructor(socket: Duplex, budget: SendBudget | undefined) {
    this.#budget = budget;
    this.#output = new WriteBuffer(socket, () => this.#pump());
  }

  /** Bytes that the peer has not read, besides those in queues. */
  get pendingBytes(): number {
    return this.#output.pendingBytes;
  }

  /** Hands buffered frames to the socket before the end of the turn. */
  flush(): void {
    this.#output.flush();
  }

  writeRaw(bytes: Uint8Array): void {
    const at = this.#output.reserve(bytes.length);
    this.#output.bytes.set(bytes, at);
    this.#output.length = at + bytes.length;
  }

  /** Writes a frame whose payload is one integer of four bytes, or two. */
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

  /** Writes GOAWAY (section 6.8). `message`: its debug data. */
  writeGoaway(lastStreamId: number, code: number, message = ""): void {
    const payload = Buffer.alloc(8 + message.length);
    writeUint32(payload, 0, lastStreamId);
    writeUint32(payload, 4, code);
    payload.write(message, 8, "latin1");
    this.writeFrame(frameType.goaway, 0, 0, payload);
  }

  /** Writes a header block, in several frames when it is long (section 6.10). */
  writeHeaders(streamId: number, fields: HeaderFields, isEnd: boolean): void {
    const bound = maxEncodedBytes(fields);
    const endStream = isEnd ? flag.endStream : 0;
    const at = this.#output.reserve(frameHeaderBytes + bound);
    this.sentFrames += 1;
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

  /** Sends a message: its prefix, which is copied, and its body, which must not change afterwards. */
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
      this.sentFrames += 1;
      queue.sendWindow -= length;
      if (isEnd) markEndSent(queue);
      return;
    }
    const heldBefore = queue.heldBytes;
    queue.append(prefix);
    queue.append(body);
    queue.isEnding = isEnd;
    this.queuedBytes += length;
    this.#countHeld(queue.heldBytes - heldBefore);
    this.resume(queue);
  }

  /** Ends a stream after what is queued: with trailers, or without. */
  writeEnd(queue: SendQueue, trailers?: HeaderFields): void {
    queue.isEnding = true;
    queue.trailers = trailers;
    if (queue.queuedBytes === 0) this.#finish(queue);
  }

  /** Sends more of a queue whose window may have grown. */
  resume(queue: SendQueue): void {
    if (queue.queuedBytes === 0) return;
    this.#ready.add(queue);
    this.#pump();
  }

  /** Grows the window of the connection, and sends more of all queues. */
  growWindow(bytes: number): void {
    this.sendWindow += bytes;
    this.#pump();
  }

  discardQueue(queue: SendQueue): void {
    this.queuedBytes -= queue.queuedBytes;
    this.#countHeld(-queue.heldBytes);
    queue.clear();
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
      // Added again behind the others, so that the streams take turns.
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
    const at = this.#output.reserve(frameHeaderBytes + length);
    const { bytes } = this.#output;
    const start = writeFrameHeader(bytes, at, length, frameType.data, flags, queue.id);
    const heldBefore = queue.heldBytes;
    queue.take(bytes, start, length);
    this.#output.length = start + length;
    this.#countHeld(queue.heldBytes - heldBefore);
    queue.sendWindow -= length;
    this.queuedBytes -= length;
    this.sendWindow -= length;
    this.sentDataBytes += length;
    this.sentFrames += 1;
    if (isLast) markEndSent(queue);
  }

  #countHeld(change: number): void {
    if (change === 0) return;
    this.heldBytes += change;
    this.#budget?.count(change);
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
