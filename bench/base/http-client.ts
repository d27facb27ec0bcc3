import { once } from "node:events";
import { connect, type Socket } from "node:net";

const headEnd = "\r\n\r\n";
const responseTimeoutMs = 10_000;
const readBufferBytes = 65_536;

export type HttpClientEvents = {
  /** A response has arrived whole. */
  onResponse(client: HttpClient, status: number): void;
  /** The connection was lost, or a response took ten seconds. Nothing follows. */
  onFailure(error: Error): void;
  /** The server has closed the connection between two requests. Without a handler, that is a failure. */
  onIdleClose?(client: HttpClient): void;
};

/**
 * An HTTP/1.1 connection of a load generator: one request at a time, whose bytes are given, and of the
 * response the status only. Node's own clients take several times the processor time. Responses need a
 * content-length.
 */
export class HttpClient {
  readonly #socket: Socket;
  readonly #events: HttpClientEvents;
  #isWaiting = false;
  #isClosed = false;
  #status = 0;
  /** The beginning of a head that has not arrived whole. */
  #partialHead = "";
  #isInBody = false;
  #bodyBytesLeft = 0;

  static async open(url: string, events: HttpClientEvents): Promise<HttpClient> {
    const client = new HttpClient(url, events);
    await once(client.#socket, "connect");
    client.#socket.on("error", (error) => client.#fail(error));
    return client;
  }

  private constructor(url: string, events: HttpClientEvents) {
    this.#events = events;
    const { hostname, port } = new URL(url);
    const callback = (length: number, bytes: Uint8Array) => {
      this.#onData((bytes as Buffer).subarray(0, length));
      return true;
    };
    this.#socket = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      // What is read is used at once, so one buffer does for the life of the connection.
      onread: { buffer: Buffer.allocUnsafe(readBufferBytes), callback },
    });
    this.#socket.on("close", () => this.#onClose(new Error(`${url} closed a connection`)));
    this.#socket.setTimeout(responseTimeoutMs, () => {
      if (this.#isWaiting) this.#fail(new Error(`no response from ${url} within 10 s`));
    });
  }

  send(request: Buffer): void {
    this.#isWaiting = true;
    this.#socket.write(request);
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #onClose(error: Error): void {
    const { onIdleClose } = this.#events;
    if (!this.#isClosed && !this.#isWaiting && onIdleClose) {
      this.close();
      onIdleClose(this);
    } else this.#fail(error);
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.#events.onFailure(error);
  }

  #onData(chunk: Buffer): void {
    if (this.#isInBody) this.#bodyBytesLeft -= chunk.length;
    else if (!this.#readHead(chunk)) return;
    if (this.#bodyBytesLeft > 0) return;
    this.#isInBody = false;
    this.#isWaiting = false;
    this.#events.onResponse(this, this.#status);
  }

  /** Whether the head has arrived whole. */
  #readHead(chunk: Buffer): boolean {
    const text = this.#partialHead + chunk.toString("latin1");
    const end = text.indexOf(headEnd);
    if (end < 0) {
      this.#partialHead = text;
      return false;
    }
    this.#partialHead = "";
    const [, length] = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end)) ?? [];
    if (length === undefined) {
      this.#fail(new Error(`a response without content-length: ${text.slice(0, end)}`));
      return false;
    }
    this.#status = Number(text.slice(9, 12));
    this.#bodyBytesLeft = end + headEnd.length + Number(length) - text.length;
    this.#isInBody = true;
    return true;
  }
}
