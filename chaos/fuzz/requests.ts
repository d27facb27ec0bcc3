import { type Message, toBinary, toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { routeOf, toApiRequest } from "../../test/base/api-request.ts";
import type { SingleRequestMethod } from "../../test/base/protocol-clients.ts";
import { arbitraryMessage, arbitraryText } from "./arbitrary-messages.ts";

/** One request, as its bytes go over the wire. */
export type FuzzRequest = {
  readonly protocol: "gRPC" | "gRPC-Web" | "Connect" | "REST";
  readonly httpMethod: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Whether it begins a stream, which goes on until its deadline. */
  readonly isStream: boolean;
};

/** JSON that is malformed, too deep, too long, or no request of any method. */
const malformedJson = [
  "",
  "null",
  "[]",
  "7",
  '"text"',
  "{",
  '{"title":"a","title":"b","body":"c"}',
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  '{"title":"\\ud800","body":"\\udc00"}',
  '{"title":"\\u0000","body":"x"}',
  '{"pageSize":1e309}',
  '{"pageSize":-0}',
  '{"pageSize":9007199254740993}',
  '{"readMask":"__proto__,,.."}',
  '{"post":{"post":{"post":{}}}}',
  `${'{"a":'.repeat(2_000)}1${"}".repeat(2_000)}`,
  `{"ids":[${'"x",'.repeat(5_000)}"x"]}`,
  "\ufeff{}",
];

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Random requests to an RPC, over gRPC, gRPC-Web and Connect in turn. */
export function arbitraryRpcRequest(
  method: SingleRequestMethod,
  known: readonly string[],
): fc.Arbitrary<FuzzRequest> {
  const path = `/${method.parent.typeName}/${method.name}`;
  const isStream = method.methodKind !== "unary";
  const post = { httpMethod: "POST", path, isStream } as const;
  const binary = fc.oneof(
    {
      weight: 6,
      arbitrary: arbitraryMessage(method.input, known).map((one) => toBinary(method.input, one)),
    },
    {
      weight: 2,
      arbitrary: arbitraryMessage(method.input, known).chain((one) =>
        mutatedBytes(toBinary(method.input, one)),
      ),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
  const json = fc.oneof(
    {
      weight: 5,
      arbitrary: arbitraryMessage(method.input, known).map((one) => jsonOf(method, one)),
    },
    { weight: 1, arbitrary: fc.constantFrom(...malformedJson) },
    { weight: 1, arbitrary: fc.json() },
  );
  return fc.oneof(
    binary.map(
      (body): FuzzRequest => ({
        ...post,
        protocol: "gRPC",
        contentType: "application/grpc+proto",
        body: envelope(body),
      }),
    ),
    binary.map(
      (body): FuzzRequest => ({
        ...post,
        protocol: "gRPC-Web",
        contentType: "application/grpc-web+proto",
        body: envelope(body),
      }),
    ),
    binary.map(
      (body): FuzzRequest => ({
        ...post,
        protocol: "Connect",
        contentType: isStream ? "application/connect+proto" : "application/proto",
        body: isStream ? envelope(body) : body,
      }),
    ),
    json.map(
      (body): FuzzRequest => ({
        ...post,
        protocol: "Connect",
        contentType: isStream ? "application/connect+json" : "application/json",
        body: isStream ? envelope(utf8(body)) : utf8(body),
      }),
    ),
  );
}

/** Random requests to a REST route; undefined for a method without one. */
export function arbitraryRestRequest(
  method: SingleRequestMethod,
  known: readonly string[],
): fc.Arbitrary<FuzzRequest> | undefined {
  const route = routeOf(method);
  if (!route) return undefined;
  const structured = arbitraryMessage(method.input, known).map((message) =>
    restRequestOf(method, message),
  );
  const anyPath = arbitraryText(known).map((text) =>
    route.template.replace(/\{[\w.]+\}/g, () => percentEncode(text)),
  );
  const anyQuery = fc
    .array(fc.tuple(arbitraryText(known), arbitraryText(known)), { maxLength: 3 })
    .map((pairs) =>
      pairs.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join("&"),
    );
  const anyBody = fc.oneof(
    fc.constantFrom(...malformedJson),
    fc.json(),
    fc.string({ unit: "binary" }),
  );
  const garbage = fc.tuple(anyPath, anyQuery, anyBody).map(([path, query, body]) => ({
    path: query ? `${path}?${query}` : path,
    body: route.body === "" ? "" : body,
  }));
  return fc.oneof({ weight: 2, arbitrary: structured }, { weight: 1, arbitrary: garbage }).map(
    ({ path, body }): FuzzRequest => ({
      protocol: "REST",
      httpMethod: route.httpMethod,
      path,
      contentType: "application/json",
      body: utf8(body),
      isStream: method.methodKind !== "unary",
    }),
  );
}

function restRequestOf(
  method: SingleRequestMethod,
  message: Message,
): { path: string; body: string } {
  try {
    const { path, body } = toApiRequest(method, message) ?? { path: "/" };
    return { path, body: body === undefined ? "" : JSON.stringify(body) };
  } catch {
    // A message without a JSON form, say with a year beyond 9999, cannot be sent over REST.
    return { path: routeOf(method)?.template ?? "/", body: "" };
  }
}

function jsonOf(method: SingleRequestMethod, message: Message): string {
  try {
    return JSON.stringify(toJson(method.input, message));
  } catch {
    return "{}";
  }
}

/** The bytes with some cut off, repeated or replaced. */
function mutatedBytes(whole: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.nat(whole.length), fc.uint8Array({ maxLength: 8 }), fc.boolean())
    .map(([at, more, keepsRest]) =>
      Uint8Array.from([
        ...whole.subarray(0, at),
        ...more,
        ...(keepsRest ? whole.subarray(at) : []),
      ]),
    );
}

/** A message as gRPC and Connect's streams frame it: a flag, the length, the bytes. */
function envelope(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  return frame;
}

/** Percent-encodes what a URL must; invalid sequences stay as they are. */
function percentEncode(text: string): string {
  return Array.from(utf8(text), (byte) => {
    const char = String.fromCharCode(byte);
    return /[\w.~%*:,-]/.test(char) ? char : `%${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}
