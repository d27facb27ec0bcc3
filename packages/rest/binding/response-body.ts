import {
  create,
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonWriteOptions,
  type Message,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { HttpBody } from "../gen/google/api/httpbody_pb.ts";
import { responseHeaders, trailerHeaders } from "../http/headers.ts";
import type { RestResponse } from "../http/messages.ts";
import { RestError } from "../http/rest-error.ts";
import type { Binding } from "./bindings.ts";
import { responseEtag, responseEtagField } from "./etag.ts";
import { returnsHttpBody } from "./http-body.ts";
import { writeJson } from "./json-writer.ts";

/** The body of a successful response, or of one message of a stream, with its media type and ETag. */
export type ResponseBody = {
  contentType: string;
  body: string | Uint8Array;
  etag?: string | undefined;
};

/**
 * Creates the writer of a binding's responses: JSON of the message or of its response_body field, or the bytes
 * of a google.api.HttpBody. It throws when a message has no JSON form, or the body exceeds maxBytes.
 */
export function createResponseWriter(
  binding: Binding,
  options: Partial<JsonWriteOptions>,
  maxBytes: number,
): (message: Message) => ResponseBody {
  const { method, responseField } = binding;
  const { output } = method;
  const write = returnsHttpBody(binding)
    ? (message: Message) => httpBodyOf(output, responseField, message)
    : jsonWriter(output, responseField, options);
  const etag = responseEtagField(binding);
  return (message) => {
    const written = write(message);
    if (isLongerThan(written.body, maxBytes)) {
      throw new RestError("RESPONSE_TOO_LARGE", `the response is larger than ${maxBytes} bytes`);
    }
    return etag ? { ...written, etag: responseEtag(message, etag) } : written;
  };
}

/** The response of a call with one message. Throws as the route's writer does. */
export function toResponse(
  write: (message: Message) => ResponseBody,
  { message, headers, trailers }: { message: Message; headers: Headers; trailers: Headers },
): RestResponse {
  const { contentType, body, etag } = write(message);
  return {
    status: 200,
    headers: [
      ["content-type", contentType],
      ...(etag ? [["etag", etag] as [string, string]] : []),
      ...responseHeaders(headers),
      ...trailerHeaders(trailers),
    ],
    body,
  };
}

function httpBodyOf(
  output: DescMessage,
  field: DescField | undefined,
  message: Message,
): ResponseBody {
  const holder = field ? (reflect(output, message).get(field) as ReflectMessage).message : message;
  const { contentType, data } = holder as HttpBody;
  return { contentType: contentType || "application/octet-stream", body: data };
}

function jsonWriter(
  output: DescMessage,
  field: DescField | undefined,
  options: Partial<JsonWriteOptions>,
): (message: Message) => ResponseBody {
  const contentType = "application/json";
  if (!field)
    return (message) => ({
      contentType,
      body: JSON.stringify(writeJson(output, message, options)),
    });
  const name = options.useProtoFieldName ? field.name : field.jsonName;
  const read = (message: Message, more: Partial<JsonWriteOptions>) =>
    (writeJson(output, message, { ...options, ...more }) as JsonObject)[name];
  // A field that is unset is left out of an object, but a body of its own has to say something.
  const unset = read(create(output), { alwaysEmitImplicit: true }) ?? null;
  return (message) => ({ contentType, body: JSON.stringify(read(message, {}) ?? unset) });
}

function isLongerThan(body: string | Uint8Array, maxBytes: number): boolean {
  if (typeof body !== "string") return body.length > maxBytes;
  // A UTF-16 unit takes at most three bytes of UTF-8, so that most strings need no second look.
  return body.length * 3 > maxBytes && new TextEncoder().encode(body).length > maxBytes;
}
