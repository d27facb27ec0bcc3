import type { Message } from "@bufbuild/protobuf";
import { acceptsHttpBody } from "../binding/http-body.ts";
import { decodeUtf8 } from "../binding/request-body.ts";
import { ByteBuffer } from "../http/byte-buffer.ts";
import { withoutByteOrderMark } from "../http/byte-order-mark.ts";
import { decompress } from "../http/compression.ts";
import type { RestRequest } from "../http/messages.ts";
import { RestError } from "../http/rest-error.ts";
import type { RoutedRequest } from "./route-request.ts";
import type { ResolvedOptions } from "./transcoder-options.ts";

/** Reads a request of one message. Throws RestError when it does not fit the method. */
export async function readMessage(
  { match, query, isMethodOverridden }: RoutedRequest,
  request: RestRequest,
  { maxRequestBytes }: ResolvedOptions,
): Promise<Message> {
  const { segments, route } = match;
  const bytes = await readWholeBody(request, maxRequestBytes);
  const body = acceptsHttpBody(route.binding) ? bytes : withoutByteOrderMark(bytes);
  const isForm = isMethodOverridden && route.binding.body.kind === "none";
  return route.readRequest({
    segments,
    query,
    form: isForm ? decodeUtf8(body) : "",
    body: isForm ? new Uint8Array() : body,
    contentType: request.headers.get("content-type"),
    ifMatch: request.headers.get("if-match"),
  });
}

async function readWholeBody(
  { body, headers }: RestRequest,
  maxBytes: number,
): Promise<Uint8Array> {
  const whole = body instanceof Uint8Array ? body : await collectChunks(body, maxBytes);
  if (whole.length > maxBytes) throw bodyTooLarge(maxBytes);
  const encoding = headers.get("content-encoding");
  return encoding === null || whole.length === 0 ? whole : decompress(whole, encoding, maxBytes);
}

async function collectChunks(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const whole = new ByteBuffer(maxBytes);
  for await (const chunk of chunks) {
    if (whole.size + chunk.length > maxBytes) throw bodyTooLarge(maxBytes);
    whole.append(chunk);
  }
  return whole.take();
}

function bodyTooLarge(maxBytes: number): RestError {
  return new RestError("BODY_TOO_LARGE", `the request body is larger than ${maxBytes} bytes`);
}
