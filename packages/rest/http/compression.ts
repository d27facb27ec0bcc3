import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGunzip, gunzip as gunzipCallback, gzip as gzipCallback } from "node:zlib";
import type { RestHeaders, RestResponse } from "./messages.ts";
import { RestError } from "./rest-error.ts";

const gunzip = promisify(gunzipCallback);
const gzip = promisify(gzipCallback);

/**
 * The body without its Content-Encoding. Throws RestError for an encoding other than gzip, for broken
 * gzip, and as soon as more than maxBytes come out, so that a small body cannot fill the memory.
 */
export async function decompress(
  body: Uint8Array,
  encoding: string,
  maxBytes: number,
): Promise<Uint8Array> {
  if (!isGzip(encoding)) return body;
  try {
    return await gunzip(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw new RestError("BODY_TOO_LARGE", `the request body is larger than ${maxBytes} bytes`);
    }
    throw notGzip();
  }
}

/** The chunks of a body without its Content-Encoding, as they come. Throws as `decompress` does. */
export function decompressStream(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string,
): AsyncIterable<Uint8Array> {
  return isGzip(encoding) ? gunzipStream(chunks) : chunks;
}

async function* gunzipStream(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const plain = createGunzip();
  // What goes wrong on the way in is thrown on the way out.
  pipeline(chunks, plain).catch(() => undefined);
  try {
    yield* plain;
  } catch (error) {
    const isOfZlib = /^Z_/.test((error as NodeJS.ErrnoException).code ?? "");
    throw isOfZlib ? notGzip() : error;
  }
}

/** Whether a Content-Encoding is gzip (RFC 9110, section 8.4.1) or none. Throws RestError for others. */
function isGzip(encoding: string): boolean {
  const coding = encoding.trim().toLowerCase();
  if (coding === "gzip" || coding === "x-gzip") return true;
  if (coding === "identity") return false;
  const headers: [string, string][] = [["accept-encoding", "gzip"]];
  const message = `content-encoding "${encoding}" is not supported`;
  throw new RestError("UNSUPPORTED_ENCODING", message, { headers });
}

function notGzip(): RestError {
  return new RestError("MALFORMED_BODY", "the body is not valid gzip");
}

/** The response in gzip, when the client takes it and the body is not encoded already. */
export async function compress(
  response: RestResponse,
  headers: RestHeaders,
): Promise<RestResponse> {
  if (response.headers.some(([name]) => name === "content-encoding")) return response;
  const vary: [string, string] = ["vary", "accept-encoding"];
  if (!acceptsGzip(headers.get("accept-encoding"))) {
    return { ...response, headers: [...response.headers, vary] };
  }
  const encoding: [string, string] = ["content-encoding", "gzip"];
  return {
    status: response.status,
    headers: [...response.headers, vary, encoding],
    body: await gzip(response.body),
  };
}

function acceptsGzip(accepted: string | null): boolean {
  const gzipOrAny = /^\s*(gzip|\*)\s*(;\s*q=(1|0\.\d*[1-9]).*)?$/i;
  return (accepted ?? "").split(",").some((item) => gzipOrAny.test(item));
}
