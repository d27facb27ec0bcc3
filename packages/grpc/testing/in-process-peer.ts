import { once } from "node:events";
import { type Duplex, duplexPair } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "../server.ts";
import { CLIENT_PREFACE_MAGIC, settings, settingsAck } from "./frames.ts";

/** What one read of a socket may bring. */
const socketChunkBytes = 64 * 1024;

/** A raw client of a server in this process, whose every write arrives as a chunk of its own. */
export class InProcessPeer {
  readonly #socket: Duplex;
  /** Bytes received so far. */
  receivedBytes = 0;

  constructor(server: Server) {
    const [near, far] = duplexPair({
      readableHighWaterMark: 2 ** 24,
      writableHighWaterMark: 2 ** 24,
    });
    server.accept(far);
    this.#socket = near.on("data", (bytes: Buffer) => {
      this.receivedBytes += bytes.length;
    });
    near.on("error", () => undefined);
    far.once("close", () => near.destroy());
    this.write(Buffer.concat([CLIENT_PREFACE_MAGIC, settings(), settingsAck]));
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Writes bytes at the end of a chunk as large as a socket's, as when others came before them. */
  writeInLargeChunk(bytes: Uint8Array): void {
    const chunk = Buffer.allocUnsafeSlow(socketChunkBytes);
    const at = chunk.length - bytes.length;
    chunk.set(bytes, at);
    this.write(chunk.subarray(at));
  }

  /** Settles when what was written has been received. */
  async settle(): Promise<void> {
    if (this.#socket.writableNeedDrain) await once(this.#socket, "drain");
    await sleep(5);
  }

  /** Ends the connection after what was written. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
