import type {
  DescMethod,
  DescMethodUnary,
  DescService,
  JsonWriteOptions,
  Message,
  Registry,
} from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { type BindingOptions, bindingsOf } from "./bindings.ts";
import { decodeText } from "./body.ts";
import { compress, decompress } from "./compression.ts";
import { toStatusResponse } from "./errors.ts";
import { forwardHeaders, responseHeaders, timeoutMs, trailerHeaders } from "./headers.ts";
import type { RestHeaders, RestRequest, RestResponse } from "./http.ts";
import { RestError } from "./rest-error.ts";
import { compileRoute, type Route } from "./route.ts";
import { createRouter, type Found, type Router } from "./router.ts";

export type { RestRequest, RestResponse } from "./http.ts";

/** Calls the method. What it throws is turned into a response by `toStatusResponse`. */
export type Invoke = (
  method: DescMethodUnary,
  request: Message,
  context: { headers: HeadersInit; signal: AbortSignal; timeoutMs?: number },
) => Promise<{ message: Message; headers: Headers; trailers: Headers }>;

export type TranscoderOptions = BindingOptions & {
  services: readonly DescService[];
  invoke: Invoke;
  /** The types that google.protobuf.Any and the details of errors may hold. */
  registry?: Registry;
  /** How replies are written; as protobuf-es does by default. */
  json?: Partial<
    Pick<JsonWriteOptions, "alwaysEmitImplicit" | "enumAsInteger" | "useProtoFieldName">
  >;
  /** Query parameters that are skipped instead of refused, such as "key" or "utm_source". */
  ignoredQueryParameters?: readonly string[];
  /** Whether a plus sign in a query is a blank, as in forms. True by default. */
  plusIsSpace?: boolean;
  /** Whether a form POST may name another method in X-HTTP-Method-Override. False by default. */
  methodOverride?: boolean;
  /** The largest request body after decompression, in bytes: 4 MiB by default. */
  maxRequestBytes?: number;
  /** The largest response body, in bytes: 16 MiB by default. */
  maxResponseBytes?: number;
  /** The deepest nesting of messages in a JSON body: 100 by default. */
  maxDepth?: number;
  /** Response bodies from this length on are sent in gzip to who accepts it: 1024 by default. */
  compressMinBytes?: number;
  /** The metadata of the RPC, which goes on to `invoke` as it is; `forwardHeaders` by default. */
  requestHeaders?: (request: RestRequest) => HeadersInit;
  /** Told, for the log, of errors answered by 500 that no RPC threw as a ConnectError. */
  report?: (error: unknown, method: DescMethod | undefined) => void;
};

/** What a path leads to: a method, or the HTTP methods that would lead to one. */
export type Match = { method: DescMethod } | { allow: readonly string[] };

export type Transcoder = {
  /** What handle would do with a path (without query): undefined when it would answer 404. */
  match: (httpMethod: string, path: string) => Match | undefined;
  /** Answers a request, whatever it is. Never rejects. */
  handle: (request: RestRequest, signal: AbortSignal) => Promise<RestResponse>;
};

type Settings = Required<Omit<TranscoderOptions, "registry">> & { registry: Registry | undefined };

/**
 * Builds the transcoder of the services' google.api.http rules. Throws when a rule breaks the grammar,
 * does not fit its messages, or binds what another one has bound.
 */
export function createTranscoder(options: TranscoderOptions): Transcoder {
  const settings = complete(options);
  const router = buildRouter(settings);
  const { registry, report, compressMinBytes } = settings;

  return {
    match(httpMethod, path) {
      const found = router.find(httpMethod, path);
      return found && "route" in found ? { method: found.route.binding.method } : found;
    },
    async handle(request, signal) {
      let method: DescMethod | undefined;
      let response: RestResponse;
      try {
        const call = findCall(router, request, settings);
        method = call.found.route.binding.method;
        response = await answer(call, request, signal, settings);
      } catch (error) {
        response = toStatusResponse(error, registry);
        if (response.status >= 500 && !(error instanceof ConnectError)) report(error, method);
      }
      if (request.method === "HEAD") return { ...response, body: "" };
      if (response.body.length < compressMinBytes) return response;
      return compress(response, request.headers);
    },
  };
}

function complete(options: TranscoderOptions): Settings {
  return {
    bindUnannotated: false,
    allowDeleteBody: false,
    json: {},
    ignoredQueryParameters: [],
    plusIsSpace: true,
    methodOverride: false,
    maxRequestBytes: 4 << 20,
    maxResponseBytes: 16 << 20,
    maxDepth: 100,
    compressMinBytes: 1024,
    requestHeaders: forwardHeaders,
    report: () => {},
    registry: undefined,
    ...options,
  };
}

function buildRouter(settings: Settings): Router<Route> {
  const router = createRouter<Route>();
  const ignored = new Set(settings.ignoredQueryParameters);
  for (const method of settings.services.flatMap((service) => service.methods)) {
    for (const binding of bindingsOf(method, settings)) {
      router.add(
        binding.httpMethod,
        binding.template,
        compileRoute(binding, { ...settings, ignored }),
      );
    }
  }
  return router;
}

/** What a request asks for: the route, the query, and whether the method stood in a header. */
type Call = { found: Found<Route>; query: string; isOverridden: boolean };

function findCall(router: Router<Route>, request: RestRequest, settings: Settings): Call {
  const { method, url, headers } = request;
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? "" : url.slice(mark + 1);
  const override = settings.methodOverride && method === "POST" ? overrideIn(headers) : undefined;
  const found = router.find(override ?? method, path);
  if (!found) throw new RestError("NO_SUCH_ROUTE", `nothing is at ${path}`);
  if ("route" in found) return { found, query, isOverridden: override !== undefined };
  const allow = found.allow.join(", ");
  throw new RestError("METHOD_NOT_ALLOWED", `${path} takes ${allow}, not ${method}`, {
    headers: [["allow", allow]],
  });
}

function overrideIn(headers: RestHeaders): string | undefined {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers.get("content-type") ?? "");
  return isForm ? headers.get("x-http-method-override")?.toUpperCase() : undefined;
}

async function answer(
  { found, query, isOverridden }: Call,
  request: RestRequest,
  signal: AbortSignal,
  settings: Settings,
): Promise<RestResponse> {
  const { headers } = request;
  const { segments, route } = found;
  const { method, body: bodyRule } = route.binding;
  if (!isUnary(method))
    throw new RestError("STREAMING_NOT_SUPPORTED", `${method.name} is a stream`);
  const body = await wholeBody(request, settings.maxRequestBytes);
  const isQuery = isOverridden && bodyRule.kind === "none";
  const message = route.read({
    segments,
    query,
    form: isQuery ? decodeText(body) : "",
    body: isQuery ? new Uint8Array() : body,
    headers,
  });
  const timeout = timeoutMs(headers);
  const reply = await settings.invoke(method, message, {
    headers: settings.requestHeaders(request),
    signal,
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
  });
  const written = route.write(reply.message);
  return {
    status: 200,
    headers: [
      ["content-type", written.contentType],
      ...responseHeaders(reply.headers),
      ...trailerHeaders(reply.trailers),
    ],
    body: written.body,
  };
}

async function wholeBody({ body, headers }: RestRequest, maxBytes: number): Promise<Uint8Array> {
  if (body.length > maxBytes) {
    throw new RestError("BODY_TOO_LARGE", `the body is larger than ${maxBytes} bytes`);
  }
  const encoding = headers.get("content-encoding");
  return encoding === null || body.length === 0 ? body : decompress(body, encoding, maxBytes);
}

function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === "unary";
}
