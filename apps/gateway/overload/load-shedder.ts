import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Load } from "./admission-queue.ts";

/** What shedding takes. */
export type ShedOptions = {
  readonly load: Load;
  /** The whole answer to a call that is refused. */
  readonly refusal: Buffer;
  /** The same, as the last one on its connection. */
  readonly lastRefusal: Buffer;
};

/** Refuses calls on connections of HTTP/1.1 while there are too many, before anything is made of them. */
export type Shedding = {
  /** To be told of each connection that the HTTP/1.1 server has just taken. */
  watch(socket: Socket): void;
  /** To be told of each request that the HTTP/1.1 server has read. */
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  /** Refuses the calls that are held back, and ends their connections; no other is held back any more. */
  close(): void;
};

type Parse = (chunk: Buffer) => void;

const blankLine = "\r\n\r\n";

// A call in one piece, of whose length there can be no two opinions. HEAD has answers without a body.
const call =
  /^(?:GET|POST|PUT|PATCH|DELETE) \/(?:v\d+\/|plaza\.)[^ \r\n]* HTTP\/1\.1\r\n(?:[\w-]+:[^\r\n]*\r\n)+\r\n$/;
const unusual = /transfer-encoding|\r\n(?:expect|upgrade|connection: *close)/i;
const length = /\r\ncontent-length: *(\d{1,7})\r\n/i;
const anyLength = /content-length/gi;

/**
 * While there are too many calls, one that arrives whole, in one chunk, on a connection whose parser is
 * between requests, does not get to the parser before there is room for it; when there is none, the answer's
 * bytes are written to its socket. ADR 9 has what that is worth.
 *
 * It is the server's parser that says where a request ends, by what it read of the one before. Whatever is
 * not certain goes the usual way, and waits there.
 */
export function createShedding({ load, refusal, lastRefusal }: ShedOptions): Shedding {
  const watched = new WeakMap<Socket, Watched>();
  const held = new Set<Socket>();
  let isClosing = false;

  /** Holds a chunk back until there is room, and what comes after it until it is settled. */
  function hold(socket: Socket, chunk: Buffer, goOn: (chunk: Buffer) => void): void {
    socket.pause();
    held.add(socket);
    load.wait({
      admit() {
        // Its parser may be another connection's by now.
        if (held.delete(socket) && !socket.destroyed) goOn(chunk);
        socket.resume();
      },
      refuse() {
        if (held.delete(socket) && socket.writable) socket.write(refusal);
        socket.resume();
      },
    });
  }

  return {
    watch(socket) {
      const [parse] = socket.listeners("data") as Parse[];
      if (!parse) return;
      const one = new Watched();
      watched.set(socket, one);
      const goOn = (chunk: Buffer) => {
        one.pass(chunk);
        parse.call(socket, chunk);
      };
      socket.off("data", parse);
      socket.on("data", (chunk: Buffer) => {
        const mayHold = one.isBetween && !isClosing;
        if (mayHold && load.isFull() && isWholeCall(chunk)) hold(socket, chunk, goOn);
        else goOn(chunk);
      });
    },
    onRequest(request, response) {
      const one = watched.get(request.socket);
      if (one) response.once("close", () => one.end(request));
    },
    close() {
      isClosing = true;
      for (const socket of held) if (socket.writable) socket.end(lastRefusal);
      held.clear();
    },
  };
}

/**
 * What is known of a connection: whether its next byte begins a request. Of a new one it is not, as long as
 * the server's clock for its first request runs.
 */
class Watched {
  isBetween = false;
  #chunks = 0;
  #length = 0;
  #headLength = 0;

  /** The parser gets a chunk. */
  pass(chunk: Buffer): void {
    this.isBetween = false;
    this.#chunks++;
    this.#length = chunk.length;
    this.#headLength = chunk.indexOf(blankLine) + blankLine.length;
  }

  /** The parser's request has been answered: it was alone in its chunk, or the rest is not known. */
  end({ headers }: IncomingMessage): void {
    const { "content-length": bodyLength = "0", "transfer-encoding": coding } = headers;
    const isAlone = this.#headLength + Number(bodyLength) === this.#length;
    this.isBetween = this.#chunks === 1 && coding === undefined && isAlone;
    // Of a connection on which more came at once nothing is certain any more.
    if (this.isBetween) this.#chunks = 0;
  }
}

function isWholeCall(chunk: Buffer): boolean {
  const end = chunk.indexOf(blankLine) + blankLine.length;
  if (end < blankLine.length) return false;
  const head = chunk.toString("latin1", 0, end);
  if (!call.test(head) || unusual.test(head)) return false;
  const [, bodyLength] = length.exec(head) ?? [];
  const lengths = head.match(anyLength)?.length ?? 0;
  if (lengths !== (bodyLength === undefined ? 0 : 1)) return false;
  return chunk.length === end + Number(bodyLength ?? 0);
}
