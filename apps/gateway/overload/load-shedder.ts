import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { AdmissionQueue } from "@plaza/kit/overload/admission-queue";
import { rejectedCalls } from "@plaza/kit/telemetry/metrics";

/** What `createLoadShedder` takes. */
export type LoadShedderOptions = {
  readonly admissionQueue: Pick<AdmissionQueue, "isOverloaded">;
  /** The bytes of the response to a rejected call. */
  readonly overloadedResponse: Buffer;
};

/** Rejects calls on HTTP/1.1 connections before they are parsed, while the process is overloaded. */
export type LoadShedder = {
  /** Must be called for each connection, after the HTTP/1.1 server has attached its parser. */
  onConnection(socket: Socket): void;
  /** Must be called for each request of the HTTP/1.1 server. */
  onRequest(request: IncomingMessage, response: ServerResponse): void;
};

type ParserListener = (chunk: Buffer) => void;

const headTerminator = "\r\n\r\n";

// A complete API request whose length is unambiguous. HEAD is left out: its response has no body.
const apiRequestPattern =
  /^(?:GET|POST|PUT|PATCH|DELETE) \/(?:v\d+\/|plaza\.)[^ \r\n]* HTTP\/1\.1\r\n(?:[\w-]+:[^\r\n]*\r\n)+\r\n$/;
const unsupportedHeadPattern = /transfer-encoding|\r\n(?:expect|upgrade|connection: *close)/i;
const contentLengthPattern = /\r\ncontent-length: *(\d{1,7})\r\n/i;
const contentLengthNamePattern = /content-length/gi;

/**
 * While the process is overloaded, a request that arrives complete in one chunk, on a connection whose parser
 * is between requests, gets its 503 before it is parsed. ADR 9 has the measurements. Anything ambiguous goes to
 * the parser, and is rejected after it.
 */
export function createLoadShedder({
  admissionQueue,
  overloadedResponse,
}: LoadShedderOptions): LoadShedder {
  const connections = new WeakMap<Socket, ConnectionState>();

  return {
    onConnection(socket) {
      const [parse] = socket.listeners("data") as ParserListener[];
      if (!parse) return;
      const state = new ConnectionState();
      connections.set(socket, state);
      socket.off("data", parse);
      socket.on("data", (chunk: Buffer) => {
        if (state.isBetweenRequests && admissionQueue.isOverloaded() && isCompleteRequest(chunk)) {
          rejectedCalls.inc();
          socket.write(overloadedResponse);
          return;
        }
        state.onChunk(chunk);
        parse.call(socket, chunk);
      });
    },
    onRequest(request, response) {
      const state = connections.get(request.socket);
      if (state) response.once("close", () => state.onResponseEnd(request));
    },
  };
}

/**
 * Tracks whether the next byte of a connection begins a request. False until the first request ends, so that
 * headersTimeout applies.
 */
class ConnectionState {
  isBetweenRequests = false;
  #chunks = 0;
  #length = 0;
  #headLength = 0;

  /** Must be called for each chunk before the parser gets it. */
  onChunk(chunk: Buffer): void {
    this.isBetweenRequests = false;
    this.#chunks++;
    this.#length = chunk.length;
    this.#headLength = chunk.indexOf(headTerminator) + headTerminator.length;
  }

  /** Between requests only if the request just answered filled its chunk alone. */
  onResponseEnd({ headers }: IncomingMessage): void {
    const { "content-length": bodyLength = "0", "transfer-encoding": coding } = headers;
    const isAlone = this.#headLength + Number(bodyLength) === this.#length;
    this.isBetweenRequests = this.#chunks === 1 && coding === undefined && isAlone;
    // Otherwise the count stays, and the connection is ambiguous for good.
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
