import {
  create,
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonWriteOptions,
  type Message,
  toJson,
  toJsonString,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { HttpBody } from "../gen/google/api/httpbody_pb.ts";
import { responseHeaders, trailerHeaders } from "../http/headers.ts";
import type { RestResponse } from "../http/messages.ts";
import { RestError } from "../http/rest-error.ts";
import type { Binding } from "./bindings.ts";

/** The body of a successful reply, with its type. */
export type ResponseBody = { contentType: string; body: string | Uint8Array };

/** Whether replies are the bytes of a google.api.HttpBody. */
export function returnsHttpBody({ method, responseField }: Binding): boolean {
  return (responseField?.message ?? method.output).typeName === "google.api.HttpBody";
}

/**
 * The writer of a binding's replies: JSON of the response or of its response_body field, or the bytes
 * of a google.api.HttpBody. It throws when a message has no JSON form, or the body is over maxBytes.
 */
export function createResponseWriter(
  binding: Binding,
  options: Partial<JsonWriteOptions>,
  maxBytes: number,
): (reply: Message) => ResponseBody {
  const { method, responseField } = binding;
  const { output } = method;
  const write = returnsHttpBody(binding)
    ? (reply: Message) => httpBodyOf(output, responseField, reply)
    : jsonWriter(output, responseField, options);
  return (reply) => {
    const written = write(reply);
    if (isLongerThan(written.body, maxBytes)) {
      throw new RestError("RESPONSE_TOO_LARGE", `the response is larger than ${maxBytes} bytes`);
    }
    return written;
  };
}

/** The response to a call that has one reply. Throws as the route's writer does. */
export function toResponse(
  write: (reply: Message) => ResponseBody,
  { message, headers, trailers }: { message: Message; headers: Headers; trailers: Headers },
): RestResponse {
  const { contentType, body } = write(message);
  return {
    status: 200,
    headers: [
      ["content-type", contentType],
      ...responseHeaders(headers),
      ...trailerHeaders(trailers),
    ],
    body,
  };
}

function httpBodyOf(
  output: DescMessage,
  field: DescField | undefined,
  reply: Message,
): ResponseBody {
  const holder = field ? (reflect(output, reply).get(field) as ReflectMessage).message : reply;
  const { contentType, data } = holder as HttpBody;
  return { contentType: contentType || "application/octet-stream", body: data };
}

function jsonWriter(
  output: DescMessage,
  field: DescField | undefined,
  options: Partial<JsonWriteOptions>,
): (reply: Message) => ResponseBody {
  const contentType = "application/json";
  if (!field) return (reply) => ({ contentType, body: toJsonString(output, reply, options) });
  const name = options.useProtoFieldName ? field.name : field.jsonName;
  const read = (reply: Message, more: Partial<JsonWriteOptions>) =>
    (toJson(output, reply, { ...options, ...more }) as JsonObject)[name];
  // A field that is unset is left out of an object, but a body of its own has to say something.
  const unset = read(create(output), { alwaysEmitImplicit: true }) ?? null;
  return (reply) => ({ contentType, body: JSON.stringify(read(reply, {}) ?? unset) });
}

function isLongerThan(body: string | Uint8Array, maxBytes: number): boolean {
  if (typeof body !== "string") return body.length > maxBytes;
  // A UTF-16 unit takes at most three bytes of UTF-8, so that most strings need no second look.
  return body.length * 3 > maxBytes && new TextEncoder().encode(body).length > maxBytes;
}
