import { execFileSync } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import {
  create,
  createFileRegistry,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type JsonValue,
  type Message,
  type MessageInitShape,
  toJson,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createTranscoder, type Transcoder, type TranscoderOptions } from "../transcoder.ts";

const buf = fileURLToPath(import.meta.resolve("@bufbuild/buf/package.json")).replace(
  /package\.json$/,
  "bin/buf",
);
const folder = fileURLToPath(new URL("..", import.meta.url));

/** The .proto files of this folder, compiled with source information. */
export const descriptors = fromBinary(
  FileDescriptorSetSchema,
  execFileSync(process.execPath, [buf, "build", folder, "-o", "-#format=binpb"], {
    stdio: ["ignore", "pipe", "inherit"],
  }),
);

export const registry = createFileRegistry(descriptors);

export function findService(name: string): DescService {
  const desc = registry.getService(`rest.test.v1.${name}`) ?? registry.getService(name);
  if (!desc) throw new Error(`no service ${name}`);
  return desc;
}

export function findMessageType(name: string): DescMessage {
  const desc = registry.getMessage(`rest.test.v1.${name}`);
  if (!desc) throw new Error(`no message ${name}`);
  return desc;
}

export function createMessage(name: string, init: Record<string, unknown> = {}): Message {
  return create(findMessageType(name), init as MessageInitShape<DescMessage>);
}

/** What a method was called with. */
export type RecordedCall = {
  method: DescMethod;
  message: Message;
  json: JsonValue;
  headers: Headers;
  timeoutMs: number | undefined;
};

export type StubReply = { message?: Message; headers?: Headers; trailers?: Headers };

export type TranscoderFixture = {
  transcoder: Transcoder;
  /** The calls so far, the newest last. */
  calls: RecordedCall[];
  /** The newest call. */
  lastCall: () => RecordedCall;
  send: (method: string, url: string, more?: SendRequestOptions) => Promise<RestReply>;
};

export type SendRequestOptions = {
  body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  headers?: Record<string, string>;
  remoteAddress?: string;
};

export type RestReply = {
  status: number;
  headers: Headers;
  body: string | Uint8Array;
  json: JsonValue;
};

/** A transcoder over methods that echo their request, or answer what `answer` says. */
export function transcoderFixture(
  services: string[],
  options: Partial<TranscoderOptions> = {},
  answer: (seen: RecordedCall) => StubReply | Promise<StubReply> = () => ({}),
): TranscoderFixture {
  const calls: RecordedCall[] = [];
  const transcoder = createTranscoder({
    services: services.map(findService),
    registry,
    async invoke(method, message, { headers, timeoutMs }) {
      const json = () => toJson(method.input, message, { registry });
      const call = {
        method,
        message,
        headers: new Headers(headers),
        timeoutMs,
        get json() {
          return json();
        },
      };
      calls.push(call);
      const given = await answer(call);
      const echo = method.input === method.output ? message : create(method.output);
      return { message: echo, headers: new Headers(), trailers: new Headers(), ...given };
    },
    ...options,
  });
  function last(): RecordedCall {
    const call = calls.at(-1);
    if (!call) throw new Error("no method was called");
    return call;
  }
  return {
    transcoder,
    calls,
    lastCall: last,
    send: (method, url, more) => sendRequest(transcoder, method, url, more),
  };
}

/** Sends a request, and reads a stream to its end; a body without another type is sent as JSON. */
export async function sendRequest(
  transcoder: Transcoder,
  method: string,
  url: string,
  more: SendRequestOptions = {},
): Promise<RestReply> {
  const { body = "", headers = {}, ...rest } = more;
  const type = body === "" ? {} : { "content-type": "application/json" };
  const response = await transcoder.handle(
    {
      method,
      url,
      headers: new Headers({ ...type, ...headers }),
      body: typeof body === "string" ? new TextEncoder().encode(body) : body,
      ...rest,
    },
    new AbortController().signal,
  );
  const { status } = response;
  const whole = "body" in response ? response.body : await text(response.chunks);
  return { status, headers: new Headers(response.headers), body: whole, json: parse(whole) };
}

function parse(body: string | Uint8Array): JsonValue {
  try {
    return JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body));
  } catch {
    return null;
  }
}

/** The reason of google.rpc.ErrorInfo in a reply, and the fields that google.rpc.BadRequest names. */
export function errorInfoOf(reply: RestReply): { reason: string | undefined; fields: string[] } {
  const status = reply.json as { details?: Record<string, JsonValue>[] };
  const detail = (type: string) =>
    status.details?.find((one) => one["@type"] === `type.googleapis.com/google.rpc.${type}`);
  const violations = (detail("BadRequest")?.fieldViolations ?? []) as { field?: string }[];
  return {
    reason: detail("ErrorInfo")?.reason as string | undefined,
    fields: violations.map(({ field }) => field ?? ""),
  };
}
