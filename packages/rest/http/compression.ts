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

/**
 * Whether a Content-Encoding is gzip, by whatever name (RFC 9110, section 8.4.1), rather than none. Throws RestError
 * for any other, and for more than one.
 */
function isGzip(encoding: string): boolean {
  const codings = encoding.split(",").map((one) => one.trim().toLowerCase());
  const [coding, ...others] = codings.filter((one) => one !== "" && one !== "identity");
  if (coding === undefined) return false;
  if (/^(x-)?gzip$/.test(coding) && others.length === 0) return true;
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

/** A coding that is named counts, whatever `*` says (RFC 9110, section 12.5.3). */
function acceptsGzip(accepted: string | null): boolean {
  const items = (accepted ?? "").toLowerCase().split(",");
  const weightOf = (name: RegExp) => {
    const item = items.find((one) => name.test(one.trim().split(/\s*;/)[0] ?? ""));
    return item === undefined ? undefined : !/;\s*q=0(\.0*)?\s*(;|$)/.test(item);
  };
  return weightOf(/^(x-)?gzip$/) ?? weightOf(/^\*$/) ?? false;
}
