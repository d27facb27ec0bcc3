import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { HpackDecoder } from "../hpack/decoder.ts";
import {
  CLIENT_PREFACE_MAGIC,
  describeFrame,
  ErrorCode,
  errorCodeOf,
  Flag,
  type Frame,
  FrameType,
  ping,
  splitFrames,
} from "../testing/frames.ts";
import { endsStream } from "../testing/script.ts";
import type { FuzzRandom } from "./random.ts";

/** Options of a connection. */
export type FuzzConnectionOptions = {
  /** The time limit of responses, in milliseconds. */
  readonly limitMs: number;
  /** Whether the other side begins with a client's preface. */
  readonly expectsClientPreface: boolean;
  /** Called for a violation by the target. */
  readonly onFault: (fault: string) => void;
  /** Called for streams on which the target sends a header block. */
  readonly onHeaders?: (stream: number) => void;
};

const emptyBuffer = Buffer.alloc(0);

/** The fuzzer's end of one connection. It keeps no frames, so that it is fast and its memory bounded. */
export class FuzzConnection {
  /** Whether the target has closed the connection. */
  isEnded = false;
  readonly #ended = new Set<number>();
  readonly #socket: Socket;
  readonly #options: FuzzConnectionOptions;
  readonly #decoder = new HpackDecoder({ maxTableSize: 4_096, maxListSize: 1024 * 1024 });
  #fragments: Buffer[] = [];
  #prefaceBytesLeft: number;
  #unread: Buffer = emptyBuffer;
  #pings = 0;
  #pongs = 0;
  #onChange: (() => void) | undefined;

  constructor(socket: Socket, options: FuzzConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#prefaceBytesLeft = options.expectsClientPreface ? CLIENT_PREFACE_MAGIC.length : 0;
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => this.#read(bytes));
    // A reset is a way to close; "close" follows.
    socket.on("error", () => undefined);
    const over = () => {
      this.isEnded = true;
      this.#onChange?.();
    };
    socket.on("end", over);
    socket.on("close", over);
  }

  /** Writes bytes, sometimes in pieces that arrive separately, down to single bytes. */
  async write(bytes: Buffer, random: FuzzRandom): Promise<void> {
    const size = random.chance(0.8) ? bytes.length : random.pick([1, 2, 9, 100, 1_000]);
    const step = Math.max(size, Math.ceil(bytes.length / 500), 1);
    for (let at = 0; at < bytes.length && !this.isEnded; at += step) {
      if (at > 0) await turn();
      if (this.#socket.writable) this.#socket.write(bytes.subarray(at, at + step));
    }
  }

  /** Sends PING; resolves to true when it is acknowledged, to false when the connection ends. */
  async probe(): Promise<boolean> {
    this.#pings += 1;
    const expected = this.#pings;
    if (this.#socket.writable) this.#socket.write(ping(String(expected).padStart(8, "p")));
    await this.#waitUntil(() => this.#pongs === expected, "a PING is not answered");
    return !this.isEnded;
  }

  /** Settles when the target has ended these streams, or the connection is over. */
  async waitForStreams(streams: readonly number[]): Promise<void> {
    const areEnded = () => streams.every((stream) => this.#ended.has(stream));
    await this.#waitUntil(areEnded, `not all calls of ${streams} end`);
  }

  /** Ends our side; settles when the target has ended its own. */
  async close(): Promise<void> {
    this.#socket.end();
    await this.#waitUntil(() => false, "the connection is not closed");
    this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #waitUntil(isDone: () => boolean, complaint: string): Promise<void> {
    if (this.isEnded || isDone()) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#options.onFault(`hang: ${complaint}`);
        this.isEnded = true;
        this.#socket.destroy();
        resolve();
      }, this.#options.limitMs);
      this.#onChange = () => {
        if (this.isEnded || isDone()) resolve();
      };
    });
    clearTimeout(timer);
    this.#onChange = undefined;
  }

  #read(chunk: Buffer): void {
    const magic = Math.min(this.#prefaceBytesLeft, chunk.length);
    this.#prefaceBytesLeft -= magic;
    const bytes = chunk.subarray(magic);
    const all = this.#unread.length > 0 ? Buffer.concat([this.#unread, bytes]) : bytes;
    const { frames, rest } = splitFrames(all);
    this.#unread = rest;
    for (const one of frames) this.#onFrame(one);
    this.#onChange?.();
  }

  #onFrame(one: Frame): void {
    const { type, flags, stream, payload } = one;
    if (type === FrameType.PING && flags & Flag.ACK) this.#onPong(payload);
    if (errorCodeOf(one) === ErrorCode.INTERNAL_ERROR) {
      const text = payload.toString("latin1", type === FrameType.GOAWAY ? 8 : 4);
      this.#options.onFault(`bug: ${describeFrame(one)} ${text}`);
    }
    if (endsStream(one) || type === FrameType.RST_STREAM) this.#ended.add(stream);
    if (type === FrameType.HEADERS || type === FrameType.CONTINUATION) this.#onFragment(one);
    if (type === FrameType.HEADERS) this.#options.onHeaders?.(stream);
  }

  #onPong(payload: Buffer): void {
    const text = payload.toString("latin1").replace(/^p+/, "");
    if (Number(text) === this.#pings) this.#pongs = this.#pings;
  }

  #onFragment({ flags, payload }: Frame): void {
    this.#fragments.push(payload);
    if (!(flags & Flag.END_HEADERS)) return;
    const block = Buffer.concat(this.#fragments);
    this.#fragments = [];
    try {
      const fields = this.#decoder.decode(block) ?? [];
      // A handler of the fuzzer's service never throws this.
      if (fields.includes("internal error")) this.#options.onFault(`bug: ${fields.join(" ")}`);
    } catch (error) {
      this.#options.onFault(`bug: a header block that is malformed: ${error}`);
    }
  }
}
