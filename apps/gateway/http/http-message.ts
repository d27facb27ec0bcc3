import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders } from "node:http";
import type { Readable, Writable } from "node:stream";
import type { RequestHead } from "./request-head.ts";

/** A request over HTTP/1.1 or HTTP/2; its body is what the stream reads. */
export type HttpRequest = Readable &
  RequestHead &
  Pick<IncomingMessage, "url" | "httpVersion" | "httpVersionMajor"> & {
    /** Whether the whole request has arrived, be it read or not. */
    readonly complete: boolean;
  };

/** The response to a request; its body is what is written to the stream. */
export type HttpResponse = Writable & {
  statusCode: number;
  readonly headersSent: boolean;
  getHeader(name: string): OutgoingHttpHeader | undefined;
  setHeader(name: string, value: OutgoingHttpHeader): unknown;
  addTrailers(trailers: OutgoingHttpHeaders): void;
  writeHead(status: number, headers?: OutgoingHttpHeaders): HttpResponse;
};

/** Handles a request. Never throws. */
export type HttpHandler = (request: HttpRequest, response: HttpResponse) => void;
