import type {
  DescMethod,
  DescMethodStreaming,
  DescMethodUnary,
  DescService,
  JsonWriteOptions,
  Message,
  Registry,
} from "@bufbuild/protobuf";
import type { BindingOptions } from "../binding/bindings.ts";
import { forwardHeaders } from "../http/headers.ts";
import type { RestRequest } from "../http/messages.ts";

/** The metadata, deadline and abort signal of a call. */
export type InvokeContext = { headers: HeadersInit; signal: AbortSignal; timeoutMs?: number };

/** Calls the method. What it throws is turned into a response by `toStatusResponse`. */
export type Invoke = (
  method: DescMethodUnary,
  request: Message,
  context: InvokeContext,
) => Promise<{ message: Message; headers: Headers; trailers: Headers }>;

/**
 * Calls a streaming method. Requests and messages are pulled one at a time; trailers are complete once the
 * messages have ended.
 */
export type InvokeStream = (
  method: DescMethodStreaming,
  requests: AsyncIterable<Message>,
  context: InvokeContext,
) => Promise<{ messages: AsyncIterable<Message>; headers: Headers; trailers: Headers }>;

export type TranscoderOptions = BindingOptions & {
  services: readonly DescService[];
  invoke: Invoke;
  /** Without it, methods that stream answer 501. */
  invokeStream?: InvokeStream;
  /** The types that google.protobuf.Any and the details of errors may hold. */
  registry?: Registry;
  /** How responses are written; as protobuf-es does by default. */
  json?: Partial<
    Pick<JsonWriteOptions, "alwaysEmitImplicit" | "enumAsInteger" | "useProtoFieldName">
  >;
  /** Query parameters that are skipped instead of refused, such as "key" or "utm_source". */
  ignoredQueryParameters?: readonly string[];
  /** Whether a plus sign in a query is a blank, as in forms. True by default. */
  plusIsSpace?: boolean;
  /** Whether a form POST may name another method in X-HTTP-Method-Override. False by default. */
  methodOverride?: boolean;
  /** The largest request message, and body of one, after decompression, in bytes: 4 MiB by default. */
  maxRequestBytes?: number;
  /** The largest response body, or message of a stream, in bytes: 16 MiB by default. */
  maxResponseBytes?: number;
  /** The deepest nesting of messages in a JSON body: 100 by default. */
  maxDepth?: number;
  /** Response bodies from this length on are compressed for clients that accept gzip: 1024 by default. */
  compressMinBytes?: number;
  /** How long a response waits for a stream's first message or error before it begins: 2000 ms by default. */
  firstMessageTimeoutMs?: number;
  /** After how much silence a stream sends a keep-alive: 15,000 ms by default. */
  keepAliveIntervalMs?: number;
  /** The metadata of the RPC, which goes on to `invoke` as it is; `forwardHeaders` by default. */
  requestHeaders?: (request: RestRequest) => HeadersInit;
  /** Receives errors with status 500 that are not ConnectErrors, for the log. */
  onInternalError?: (error: unknown, method: DescMethod | undefined) => void;
};

type OptionalOption = "registry" | "invokeStream";

/** The options with defaults filled in. */
export type ResolvedOptions = Required<Omit<TranscoderOptions, OptionalOption>> & {
  [option in OptionalOption]: TranscoderOptions[option] | undefined;
};

export function resolveOptions(options: TranscoderOptions): ResolvedOptions {
  return {
    bindUnannotated: false,
    allowDeleteBody: false,
    invokeStream: undefined,
    json: {},
    ignoredQueryParameters: [],
    plusIsSpace: true,
    methodOverride: false,
    maxRequestBytes: 4 << 20,
    maxResponseBytes: 16 << 20,
    maxDepth: 100,
    compressMinBytes: 1024,
    firstMessageTimeoutMs: 2_000,
    keepAliveIntervalMs: 15_000,
    requestHeaders: forwardHeaders,
    onInternalError: () => {},
    registry: undefined,
    ...options,
  };
}
