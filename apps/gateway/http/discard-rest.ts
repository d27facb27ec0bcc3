import type { IncomingMessage } from "node:http";
import { maxBodyBytes } from "../base/limits.ts";

/** Clients that exceed the limit of bodies by mistake send less than this. */
const maxDiscardedBytes = 8 * maxBodyBytes;
const discardTimeoutMs = 3_000;

/** Whether a request over HTTP/1.1 says that more of it is to come than `discardRest` reads. */
export function isTooMuchToDiscard({ complete, headers }: IncomingMessage): boolean {
  return !complete && Number(headers["content-length"]) > maxDiscardedBytes;
}

/**
 * Reads what is left of a request over HTTP/1.1 once its response is sent, so that the connection can carry the next
 * one. Closes the connection when that is more than 8 MiB, or does not arrive within three seconds; closing at once
 * would reset it before the client reads the response.
 */
export function discardRest(request: IncomingMessage): void {
  const { complete, readableLength, readableEnded, destroyed } = request;
  if ((complete && readableLength === 0) || readableEnded || destroyed) return;
  let left = maxDiscardedBytes;
  const timer = setTimeout(() => request.destroy(), discardTimeoutMs);
  request.once("close", () => clearTimeout(timer));
  // Of a reader that was not told to stop; with it no data event comes.
  request.removeAllListeners("readable");
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}
