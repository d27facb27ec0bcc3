import { type Message, toBinary, toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { routeOf, toRestCall } from "../../test/base/api-request.ts";
import type { Callable } from "../../test/base/protocol-clients.ts";
import { messages, texts } from "./arbitrary-messages.ts";

/** One request, as its bytes go over the wire. */
export type Input = {
  readonly protocol: "gRPC" | "gRPC-Web" | "Connect" | "REST";
  readonly httpMethod: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Whether it begins a stream, which goes on until its deadline. */
  readonly isStream: boolean;
};

/** JSON that is hard to digest; none of it is what any method asks for. */
const oddJson = [
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

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Random requests to an RPC, over gRPC, gRPC-Web and Connect in turn. */
export function rpcInputs(method: Callable, known: readonly string[]): fc.Arbitrary<Input> {
  const path = `/${method.parent.typeName}/${method.name}`;
  const isStream = method.methodKind !== "unary";
  const post = { httpMethod: "POST", path, isStream } as const;
  const binary = fc.oneof(
    {
      weight: 6,
      arbitrary: messages(method.input, known).map((one) => toBinary(method.input, one)),
    },
    {
      weight: 2,
      arbitrary: messages(method.input, known).chain((one) => broken(toBinary(method.input, one))),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
  const json = fc.oneof(
    { weight: 5, arbitrary: messages(method.input, known).map((one) => jsonOf(method, one)) },
    { weight: 1, arbitrary: fc.constantFrom(...oddJson) },
    { weight: 1, arbitrary: fc.json() },
  );
  return fc.oneof(
    binary.map(
      (body): Input => ({
        ...post,
        protocol: "gRPC",
        contentType: "application/grpc+proto",
        body: framed(body),
      }),
    ),
    binary.map(
      (body): Input => ({
        ...post,
        protocol: "gRPC-Web",
        contentType: "application/grpc-web+proto",
        body: framed(body),
      }),
    ),
    binary.map(
      (body): Input => ({
        ...post,
        protocol: "Connect",
        contentType: isStream ? "application/connect+proto" : "application/proto",
        body: isStream ? framed(body) : body,
      }),
    ),
    json.map(
      (body): Input => ({
        ...post,
        protocol: "Connect",
        contentType: isStream ? "application/connect+json" : "application/json",
        body: isStream ? framed(bytes(body)) : bytes(body),
      }),
    ),
  );
}

/** Random requests to a REST route; undefined for a method without one. */
export function restInputs(
  method: Callable,
  known: readonly string[],
): fc.Arbitrary<Input> | undefined {
  const route = routeOf(method);
  if (!route) return undefined;
  const structured = messages(method.input, known).map((message) => restCall(method, message));
  const anyPath = texts(known).map((text) =>
    route.template.replace(/\{[\w.]+\}/g, () => escaped(text)),
  );
  const anyQuery = fc
    .array(fc.tuple(texts(known), texts(known)), { maxLength: 3 })
    .map((pairs) => pairs.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join("&"));
  const anyBody = fc.oneof(fc.constantFrom(...oddJson), fc.json(), fc.string({ unit: "binary" }));
  const garbage = fc.tuple(anyPath, anyQuery, anyBody).map(([path, query, body]) => ({
    path: query ? `${path}?${query}` : path,
    body: route.body === "" ? "" : body,
  }));
  return fc.oneof({ weight: 2, arbitrary: structured }, { weight: 1, arbitrary: garbage }).map(
    ({ path, body }): Input => ({
      protocol: "REST",
      httpMethod: route.httpMethod,
      path,
      contentType: "application/json",
      body: bytes(body),
      isStream: method.methodKind !== "unary",
    }),
  );
}

function restCall(method: Callable, message: Message): { path: string; body: string } {
  try {
    const { path, body } = toRestCall(method, message) ?? { path: "/" };
    return { path, body: body === undefined ? "" : JSON.stringify(body) };
  } catch {
    // What has no JSON form, say a year beyond 9999, cannot be asked for over REST.
    return { path: routeOf(method)?.template ?? "/", body: "" };
  }
}

function jsonOf(method: Callable, message: Message): string {
  try {
    return JSON.stringify(toJson(method.input, message));
  } catch {
    return "{}";
  }
}

/** The bytes with some cut off, repeated or replaced. */
function broken(whole: Uint8Array): fc.Arbitrary<Uint8Array> {
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
function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  return frame;
}

/** Percent-encoded where a URL must be; sequences that are no valid encoding stay as they are. */
function escaped(text: string): string {
  return Array.from(bytes(text), (byte) => {
    const char = String.fromCharCode(byte);
    return /[\w.~%*:,-]/.test(char) ? char : `%${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}
