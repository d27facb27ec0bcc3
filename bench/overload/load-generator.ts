import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** One request and its answer: when it was sent, in milliseconds of this process, and how long it took. */
export type Sample = { readonly atMs: number; readonly status: number; readonly ms: number };

/** How requests are sent: how many a second (Infinity: each client sends when it can), by whom, for how long. */
export type LoadShape = {
  readonly rate: number;
  readonly clients: number;
  readonly seconds: number;
};

const headEnd = "\r\n\r\n";
const responseTimeoutMs = 10_000;

/**
 * Sends requests over HTTP/1.1 from clients that each wait for their answer before they send another. They
 * come at random times at a fixed rate (a Poisson process), whatever comes back; what is due while all
 * clients wait is not sent. Throws when a connection is lost or an answer takes ten seconds.
 */
export async function generateLoad(
  url: string,
  requests: readonly Buffer[],
  { rate, clients, seconds }: LoadShape,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const idle: HttpClient[] = [];
  const all = await Promise.all(
    Array.from({ length: clients }, () =>
      HttpClient.open(url, (client, sample) => {
        samples.push(sample);
        idle.push(client);
      }),
    ),
  );
  idle.push(...all);
  const startedAt = performance.now();
  let due = startedAt;
  for (let now = due; now < startedAt + seconds * 1_000; now = performance.now()) {
    for (; due <= now; due += (-Math.log(1 - Math.random()) / rate) * 1_000) {
      const client = idle.pop();
      if (client) client.send(requests[samples.length % requests.length] as Buffer);
      else if (rate === Number.POSITIVE_INFINITY) break;
    }
    await sleep(1);
  }
  while (idle.length < clients) await sleep(5);
  for (const client of all) client.close();
  return samples;
}

class HttpClient {
  readonly #socket: Socket;
  readonly #answered: (client: HttpClient, sample: Sample) => void;
  #sentAt = 0;
  #status = 0;
  #head: Buffer | undefined;
  #bodyBytesLeft = 0;

  static async open(url: string, answered: (client: HttpClient, sample: Sample) => void) {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, "connect");
    return new HttpClient(socket, answered);
  }

  private constructor(socket: Socket, answered: (client: HttpClient, sample: Sample) => void) {
    this.#socket = socket;
    this.#answered = answered;
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.setTimeout(
      responseTimeoutMs,
      () => this.#sentAt && socket.destroy(new Error("no answer")),
    );
  }

  send(request: Buffer): void {
    this.#sentAt = performance.now();
    this.#head = Buffer.alloc(0);
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    if (this.#head) {
      this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
      const end = this.#head.indexOf(headEnd);
      if (end < 0) return;
      const head = this.#head.toString("latin1", 0, end);
      const [, length = "0"] = /content-length: *(\d+)/i.exec(head) ?? [];
      this.#status = Number(head.slice(9, 12));
      this.#bodyBytesLeft = end + headEnd.length + Number(length) - this.#head.length;
      this.#head = undefined;
    } else this.#bodyBytesLeft -= chunk.length;
    if (this.#bodyBytesLeft > 0) return;
    const atMs = this.#sentAt;
    this.#sentAt = 0;
    this.#answered(this, { atMs, status: this.#status, ms: performance.now() - atMs });
  }
}
