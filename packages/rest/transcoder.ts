import type { DescMethod, DescMethodStreaming, DescMethodUnary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { bindingsOf } from "./binding/bindings.ts";
import { toResponse } from "./binding/response-body.ts";
import {
  createInvokeContext,
  type RoutedRequest,
  readMessage,
  routeRequest,
} from "./calls/request-reader.ts";
import { handleStreamingCall } from "./calls/streaming-call.ts";
import {
  type ResolvedOptions,
  resolveOptions,
  type TranscoderOptions,
} from "./calls/transcoder-options.ts";
import { toStatusResponse } from "./errors.ts";
import { compress } from "./http/compression.ts";
import type { RestRequest, RestResponse, RestStreamResponse } from "./http/messages.ts";
import { type CompiledRoute, compileRoute } from "./routing/compiled-route.ts";
import { createPathRouter, type PathRouter } from "./routing/path-router.ts";

export { type Binding, BindingError, bindingsOf } from "./binding/bindings.ts";
export { isClientStreaming, isServerStreaming } from "./binding/method-cardinality.ts";
export { PathTemplateError } from "./binding/path-template.ts";
export type {
  Invoke,
  InvokeContext,
  InvokeStream,
  TranscoderOptions,
} from "./calls/transcoder-options.ts";
export { transportInvoker } from "./calls/transport-invoker.ts";
export { forwardHeaders } from "./http/headers.ts";
export type {
  RestHeaders,
  RestRequest,
  RestResponse,
  RestStreamResponse,
} from "./http/messages.ts";

/** What a path leads to: a method, or the HTTP methods that would lead to one. */
export type TranscoderMatch = { method: DescMethod } | { allow: readonly string[] };

export type Transcoder = {
  /** What handle would do with a path (without query): undefined when it would answer 404. */
  match: (httpMethod: string, path: string) => TranscoderMatch | undefined;
  /**
   * Answers a request, whatever it is. Never rejects. Only a method of a stream of replies is answered by
   * a RestStreamResponse, for which the signal has to tell when the client goes.
   */
  handle: (request: RestRequest, signal: AbortSignal) => Promise<RestResponse | RestStreamResponse>;
};

/**
 * Builds the transcoder of the services' google.api.http rules. Throws when a rule breaks the grammar,
 * does not fit its messages, or binds what another one has bound.
 */
export function createTranscoder(options: TranscoderOptions): Transcoder {
  const settings = resolveOptions(options);
  const router = buildRouter(settings);
  const { registry, onInternalError, compressMinBytes } = settings;

  function refuse(error: unknown, method: DescMethod | undefined): RestResponse {
    const response = toStatusResponse(error, registry);
    if (response.status >= 500 && !(error instanceof ConnectError)) onInternalError(error, method);
    return response;
  }

  async function answer(request: RestRequest, signal: AbortSignal) {
    let method: DescMethod | undefined;
    try {
      const call = routeRequest(router, request, settings);
      const { method: found } = call.match.route.binding;
      method = found;
      if (isUnary(found)) return await handleUnaryCall(call, found, request, signal, settings);
      const refusing = {
        ...settings,
        toErrorResponse: (error: unknown) => refuse(error, found),
      };
      return await handleStreamingCall(
        call,
        found as DescMethodStreaming,
        request,
        signal,
        refusing,
      );
    } catch (error) {
      return refuse(error, method);
    }
  }

  return {
    match(httpMethod, path) {
      const found = router.find(httpMethod, path);
      return found && "route" in found ? { method: found.route.binding.method } : found;
    },
    async handle(request, signal) {
      const response = await answer(request, signal);
      if (request.method === "HEAD") return withoutBody(response);
      if ("chunks" in response || response.body.length < compressMinBytes) return response;
      return compress(response, request.headers);
    },
  };
}

function buildRouter(settings: ResolvedOptions): PathRouter<CompiledRoute> {
  const router = createPathRouter<CompiledRoute>();
  const ignoredQueryParameters = new Set(settings.ignoredQueryParameters);
  for (const method of settings.services.flatMap((service) => service.methods)) {
    for (const binding of bindingsOf(method, settings)) {
      router.add(
        binding.httpMethod,
        binding.template,
        compileRoute(binding, { ...settings, ignoredQueryParameters }),
      );
    }
  }
  return router;
}

async function handleUnaryCall(
  call: RoutedRequest,
  method: DescMethodUnary,
  request: RestRequest,
  signal: AbortSignal,
  settings: ResolvedOptions,
): Promise<RestResponse> {
  const message = await readMessage(call, request, settings);
  const context = createInvokeContext(request, signal, settings);
  return toResponse(
    call.match.route.writeResponse,
    await settings.invoke(method, message, context),
  );
}

function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === "unary";
}

async function withoutBody(response: RestResponse | RestStreamResponse): Promise<RestResponse> {
  const { status, headers } = response;
  if ("chunks" in response) {
    // Left as soon as it has begun, which ends the call.
    for await (const _ of response.chunks) break;
  }
  return { status, headers, body: "" };
}
