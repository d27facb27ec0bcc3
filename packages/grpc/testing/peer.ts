import { EventEmitter, once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  CLIENT_PREFACE_MAGIC,
  describeFrame,
  type Frame,
  FrameType,
  SettingId,
  splitFrames,
} from "./frames.ts";

/** How a raw peer behaves. */
export type PeerOptions = {
  /** How long it waits for what a case wants, in milliseconds. */
  readonly timeoutMs?: number;
};

/**
 * One end of a connection which writes whatever bytes it is given and keeps what it receives. It
 * answers nothing by itself, not even SETTINGS or PING, and shares no code with what it tests.
 */
export class RawPeer {
  /** Every frame received so far. */
  readonly frames: Frame[] = [];
  /** The settings of the other side: the last value of each. */
  readonly settings: Map<number, number> = new Map();
  readonly #socket: Socket;
  readonly #changes = new EventEmitter();
  readonly #timeoutMs: number;
  #awaitsMagic: boolean;
  readonly #taken = new Set<Frame>();
  #unread: Buffer = Buffer.alloc(0);
  #isClosed = false;

  /** The server's end of a socket reads the client's preface before frames. */
  constructor(socket: Socket, role: "client" | "server", { timeoutMs = 2000 }: PeerOptions = {}) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#awaitsMagic = role === "server";
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => this.#read(bytes));
    // A reset is a way to close; "close" follows.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#isClosed = true;
      this.#changes.emit("change");
    });
  }

  /** Connects to a server on this machine. */
  static async connect(port: number, options?: PeerOptions): Promise<RawPeer> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RawPeer(socket, "client", options);
  }

  write(bytes: Uint8Array): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  /**
   * Takes the first frame that matches and was not taken before. Throws when the connection closes
   * or time runs out first, with what was wanted and what came.
   */
  takeFrame(matches: (frame: Frame) => boolean, wanted: string): Promise<Frame> {
    return this.#until(() => {
      const found = this.untakenFrames.find(matches);
      if (found !== undefined) this.#taken.add(found);
      return found;
    }, wanted);
  }

  /** The frames which nobody took. */
  get untakenFrames(): Frame[] {
    return this.frames.filter((frame) => !this.#taken.has(frame));
  }

  /** Waits for the other side to close the connection. */
  async waitForClose(): Promise<void> {
    await this.#until(() => this.#isClosed || undefined, "the connection closed");
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  #read(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    if (this.#awaitsMagic && !this.#takeMagic()) return;
    const { frames, rest } = splitFrames(this.#unread);
    this.#unread = rest;
    for (const frame of frames) this.#learn(frame);
    this.frames.push(...frames);
    this.#changes.emit("change");
  }

  #takeMagic(): boolean {
    if (this.#unread.length < CLIENT_PREFACE_MAGIC.length) return false;
    if (!this.#unread.subarray(0, CLIENT_PREFACE_MAGIC.length).equals(CLIENT_PREFACE_MAGIC)) {
      this.#socket.destroy();
      return false;
    }
    this.#unread = this.#unread.subarray(CLIENT_PREFACE_MAGIC.length);
    this.#awaitsMagic = false;
    return true;
  }

  #learn({ type, payload }: Frame): void {
    if (type !== FrameType.SETTINGS) return;
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      this.settings.set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
    }
  }

  async #until<T>(find: () => T | undefined, wanted: string): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const fail = () => reject(new Error(`Wanted ${wanted}, got ${this.transcript()}.`));
    const check = () => {
      const found = find();
      if (found !== undefined) resolve(found);
      else if (this.#isClosed) fail();
    };
    const timer = setTimeout(fail, this.#timeoutMs);
    this.#changes.on("change", check);
    check();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#changes.off("change", check);
    }
  }

  /** What came so far, for people. */
  transcript(): string {
    const names = this.frames.map(describeFrame);
    const last = this.#isClosed ? "close" : "silence";
    return [...names, last].join(", ");
  }

  /** The largest payload the other side takes. */
  get maxFrameSize(): number {
    return this.settings.get(SettingId.MAX_FRAME_SIZE) ?? 16384;
  }
}
