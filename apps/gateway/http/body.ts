import { Fault } from "@plaza/kit/errors/fault";
import { ByteBuffer } from "@plaza/rest/byte-buffer";
import { RestError } from "@plaza/rest/errors";
import { requestTimeoutMs } from "../base/limits.ts";
import type { HttpRequest } from "./http-message.ts";

const emptyBody = new Uint8Array();
const jsonTypePattern = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;
const ndjsonTypePattern = /^application\/x-ndjson\s*(;|$)/i;

/**
 * Streams a body of many messages. Throws UNSUPPORTED_MEDIA_TYPE as `readBody` does. What is left unread
 * when iteration stops is discarded with the response.
 */
export function streamBody(request: HttpRequest): AsyncIterable<Uint8Array> {
  const { "content-type": type } = request.headers;
  if (type !== undefined && !ndjsonTypePattern.test(type)) requireJsonType(type);
  return chunksOf(request);
}

/**
 * Reads the whole body. Throws BODY_TOO_LARGE as soon as it exceeds maxBytes, UNSUPPORTED_MEDIA_TYPE for
 * types that a form of another site could send, and BODY_CUT_OFF when it does not arrive in time or in full.
 */
export async function readBody(request: HttpRequest, maxBytes: number): Promise<Uint8Array> {
  const { "content-length": length, "content-type": type } = request.headers;
  if (length === undefined ? !mayHaveBody(request) : length === "0") return emptyBody;
  if (Number(length) > maxBytes) throw bodyTooLarge(maxBytes);
  if (type !== undefined) requireJsonType(type);
  const stopTimer = startBodyTimer(request);
  try {
    return await collectBody(request, maxBytes);
  } finally {
    stopTimer();
  }
}

function requireJsonType(type: string): void {
  if (jsonTypePattern.test(type)) return;
  throw new RestError("UNSUPPORTED_MEDIA_TYPE", "content-type must be application/json");
}

/**
 * The chunks of a body. What is left unread when iteration stops stays there: breaking off would close the connection
 * under the response.
 */
export function chunksOf(request: HttpRequest): AsyncIterable<Uint8Array> {
  return request.iterator({ destroyOnReturn: false });
}

/** Destroys a request whose body does not arrive in time. Returns what stops the timer. */
export function startBodyTimer(request: HttpRequest): () => void {
  const timer = setTimeout(() => request.destroy(new Error("too slow")), requestTimeoutMs);
  return () => clearTimeout(timer);
}

/** Whether a request without a length has a body: over HTTP/1.1 it is chunked, over HTTP/2 any may have one. */
function mayHaveBody(request: HttpRequest): boolean {
  if (request.httpVersionMajor < 2) return request.headers["transfer-encoding"] !== undefined;
  return !request.complete || request.readableLength > 0;
}

function collectBody(request: HttpRequest, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const body = new ByteBuffer(maxBytes);
    const collect = (chunk: Buffer) => {
      if (body.size + chunk.length <= maxBytes) body.append(chunk);
      else {
        request.off("data", collect).pause();
        reject(bodyTooLarge(maxBytes));
      }
    };
    request.on("data", collect);
    request.on("end", () => resolve(body.take()));
    request.on("error", () => reject(bodyCutOff()));
    request.on("close", () => {
      if (!request.readableEnded) reject(bodyCutOff());
    });
  });
}

function bodyTooLarge(maxBytes: number): RestError {
  return new RestError("BODY_TOO_LARGE", `the request body is larger than ${maxBytes} bytes`);
}

function bodyCutOff(): Fault {
  return new Fault("aborted", "BODY_CUT_OFF", "the request body is incomplete");
}
