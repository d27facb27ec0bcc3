import type { Message } from "@bufbuild/protobuf";
import { acceptsHttpBody } from "../binding/http-body.ts";
import { isJsonMediaType, utf8MediaType } from "../binding/request-body.ts";
import { chunksWithoutByteOrderMark } from "../http/byte-order-mark.ts";
import { decompressStream } from "../http/compression.ts";
import type { RestRequest } from "../http/messages.ts";
import { RestError } from "../http/rest-error.ts";
import {
  type MessageSlice,
  type MessageSplitter,
  splitArray,
  splitChunks,
  splitLines,
} from "../streaming/message-splitter.ts";
import type { RoutedRequest } from "./route-request.ts";
import type { ResolvedOptions } from "./transcoder-options.ts";

/**
 * Reads a request whose body holds many messages, each on demand. Path and query fill all of them. Throws
 * RestError: at once when the content type cannot hold many messages, otherwise at a message that does not
 * fit the method, naming its line.
 */
export function readMessages(
  { match, query }: RoutedRequest,
  request: RestRequest,
  { maxRequestBytes }: ResolvedOptions,
): AsyncGenerator<Message, void> {
  const { segments, route } = match;
  const givenType = request.headers.get("content-type");
  const isRaw = acceptsHttpBody(route.binding);
  const split = isRaw ? splitChunks : splitterForType(givenType);
  const contentType = isRaw ? givenType : "application/json";
  const chunks = bodyChunks(request);
  const slices = split(isRaw ? chunks : chunksWithoutByteOrderMark(chunks), maxRequestBytes);

  function read({ body, name }: MessageSlice): Message {
    try {
      return route.readRequest({ segments, query, body, contentType });
    } catch (error) {
      throw error instanceof RestError ? error.withLocation(name) : error;
    }
  }

  return mapAsync(slices, read);
}

function splitterForType(contentType: string | null): MessageSplitter {
  const type = utf8MediaType(contentType);
  if (type === "application/x-ndjson") return splitLines;
  if (isJsonMediaType(type)) return splitArray;
  const message = `content-type must be application/x-ndjson, or application/json for an array, not "${contentType ?? ""}"`;
  throw new RestError("UNSUPPORTED_MEDIA_TYPE", message, {
    headers: [["accept", "application/x-ndjson, application/json"]],
  });
}

function bodyChunks({ body, headers }: RestRequest): AsyncIterable<Uint8Array> {
  const chunks = body instanceof Uint8Array ? streamOfOne(body) : body;
  const encoding = headers.get("content-encoding");
  return encoding === null ? chunks : decompressStream(chunks, encoding);
}

async function* streamOfOne(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}

async function* mapAsync<T, R>(
  items: AsyncIterable<T>,
  map: (item: T) => R,
): AsyncGenerator<R, void> {
  for await (const item of items) yield map(item);
}
