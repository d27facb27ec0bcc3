import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { AdmissionQueue } from "./admission-queue.ts";

/** What shedding takes. */
export type LoadShedderOptions = {
  readonly admissionQueue: AdmissionQueue;
  /** The whole answer to a call that is refused. */
  readonly overloadedResponse: Buffer;
  /** The same, as the last one on its connection. */
  readonly finalOverloadedResponse: Buffer;
};

/** Refuses calls on connections of HTTP/1.1 while there are too many, before anything is made of them. */
export type LoadShedder = {
  /** To be told of each connection that the HTTP/1.1 server has just taken. */
  onConnection(socket: Socket): void;
  /** To be told of each request that the HTTP/1.1 server has read. */
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  /** Refuses the calls that are held back, and ends their connections; no other is held back any more. */
  close(): void;
};

type ParserListener = (chunk: Buffer) => void;

const headTerminator = "\r\n\r\n";

// A call in one piece, of whose length there can be no two opinions. HEAD has answers without a body.
const apiRequestPattern =
  /^(?:GET|POST|PUT|PATCH|DELETE) \/(?:v\d+\/|plaza\.)[^ \r\n]* HTTP\/1\.1\r\n(?:[\w-]+:[^\r\n]*\r\n)+\r\n$/;
const unsupportedHeadPattern = /transfer-encoding|\r\n(?:expect|upgrade|connection: *close)/i;
const contentLengthPattern = /\r\ncontent-length: *(\d{1,7})\r\n/i;
const contentLengthNamePattern = /content-length/gi;

/**
 * While there are too many calls, one that arrives whole, in one chunk, on a connection whose parser is
 * between requests, does not get to the parser before there is room for it; when there is none, the answer's
 * bytes are written to its socket. ADR 9 has what that is worth.
 *
 * It is the server's parser that says where a request ends, by what it read of the one before. Whatever is
 * not certain goes the usual way, and waits there.
 */
export function createLoadShedder({
  admissionQueue,
  overloadedResponse,
  finalOverloadedResponse,
}: LoadShedderOptions): LoadShedder {
  const watched = new WeakMap<Socket, ConnectionState>();
  const held = new Set<Socket>();
  let isClosing = false;

  /** Holds a chunk back until there is room, and what comes after it until it is settled. */
  function hold(socket: Socket, chunk: Buffer, goOn: (chunk: Buffer) => void): void {
    socket.pause();
    held.add(socket);
    admissionQueue.enqueue({
      admit() {
        // Its parser may be another connection's by now.
        if (held.delete(socket) && !socket.destroyed) goOn(chunk);
        socket.resume();
      },
      reject() {
        if (held.delete(socket) && socket.writable) socket.write(overloadedResponse);
        socket.resume();
      },
    });
  }

  return {
    onConnection(socket) {
      const [parse] = socket.listeners("data") as ParserListener[];
      if (!parse) return;
      const one = new ConnectionState();
      watched.set(socket, one);
      const goOn = (chunk: Buffer) => {
        one.onChunk(chunk);
        parse.call(socket, chunk);
      };
      socket.off("data", parse);
      socket.on("data", (chunk: Buffer) => {
        const mayHold = one.isBetweenRequests && !isClosing;
        if (mayHold && admissionQueue.isFull() && isCompleteRequest(chunk))
          hold(socket, chunk, goOn);
        else goOn(chunk);
      });
    },
    onRequest(request, response) {
      const one = watched.get(request.socket);
      if (one) response.once("close", () => one.onResponseEnd(request));
    },
    close() {
      isClosing = true;
      for (const socket of held) if (socket.writable) socket.end(finalOverloadedResponse);
      held.clear();
    },
  };
}

/**
 * What is known of a connection: whether its next byte begins a request. Of a new one it is not, as long as
 * the server's clock for its first request runs.
 */
class ConnectionState {
  isBetweenRequests = false;
  #chunks = 0;
  #length = 0;
  #headLength = 0;

  /** The parser gets a chunk. */
  onChunk(chunk: Buffer): void {
    this.isBetweenRequests = false;
    this.#chunks++;
    this.#length = chunk.length;
    this.#headLength = chunk.indexOf(headTerminator) + headTerminator.length;
  }

  /** The parser's request has been answered: it was alone in its chunk, or the rest is not known. */
  onResponseEnd({ headers }: IncomingMessage): void {
    const { "content-length": bodyLength = "0", "transfer-encoding": coding } = headers;
    const isAlone = this.#headLength + Number(bodyLength) === this.#length;
    this.isBetweenRequests = this.#chunks === 1 && coding === undefined && isAlone;
    // Of a connection on which more came at once nothing is certain any more.
    if (this.isBetweenRequests) this.#chunks = 0;
  }
}

function isCompleteRequest(chunk: Buffer): boolean {
  const end = chunk.indexOf(headTerminator) + headTerminator.length;
  if (end < headTerminator.length) return false;
  const head = chunk.toString("latin1", 0, end);
  if (!apiRequestPattern.test(head) || unsupportedHeadPattern.test(head)) return false;
  const [, bodyLength] = contentLengthPattern.exec(head) ?? [];
  const lengths = head.match(contentLengthNamePattern)?.length ?? 0;
  if (lengths !== (bodyLength === undefined ? 0 : 1)) return false;
  return chunk.length === end + Number(bodyLength ?? 0);
}
