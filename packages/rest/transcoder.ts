import type { DescMethod, DescMethodStreaming, DescMethodUnary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { BindingError, bindingsOf } from "./binding/bindings.ts";
import { toResponse } from "./binding/response-body.ts";
import { isEtagMismatch } from "./calls/etag-mismatch.ts";
import { readMessage } from "./calls/request-reader.ts";
import { createInvokeContext, type RoutedRequest, routeRequest } from "./calls/route-request.ts";
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
  /** The method that a path (without query) leads to; undefined when `handle` would respond with 404. */
  match: (httpMethod: string, path: string) => TranscoderMatch | undefined;
  /**
   * Handles any request. Never rejects. Only server-streaming methods give a RestStreamResponse, whose RPC
   * ends when the signal aborts.
   */
  handle: (request: RestRequest, signal: AbortSignal) => Promise<RestResponse | RestStreamResponse>;
};

/**
 * Creates the transcoder of the services' google.api.http rules. Throws when a rule breaks the grammar, does
 * not fit its messages, or binds what another rule has bound.
 */
export function createTranscoder(options: TranscoderOptions): Transcoder {
  const settings = resolveOptions(options);
  const router = buildRouter(settings);
  const { registry, onInternalError, compressMinBytes } = settings;

  function toErrorResponse(error: unknown, method: DescMethod | undefined): RestResponse {
    const response = toStatusResponse(error, registry);
    if (response.status >= 500 && !(error instanceof ConnectError)) onInternalError(error, method);
    return response;
  }

  async function handleCall(request: RestRequest, signal: AbortSignal) {
    let method: DescMethod | undefined;
    let isConditional = false;
    try {
      const call = routeRequest(router, request, settings);
      const { route } = call.match;
      const { method: found } = route.binding;
      method = found;
      isConditional = route.isConditional && request.headers.get("if-match") !== null;
      if (isUnary(found)) return await handleUnaryCall(call, found, request, signal, settings);
      const streamSettings = {
        ...settings,
        toErrorResponse: (error: unknown) => toErrorResponse(error, found),
      };
      return await handleStreamingCall(
        call,
        found as DescMethodStreaming,
        request,
        signal,
        streamSettings,
      );
    } catch (error) {
      const response = toErrorResponse(error, method);
      return isConditional && isEtagMismatch(error) ? { ...response, status: 412 } : response;
    }
  }

  return {
    match(httpMethod, path) {
      const found = router.find(httpMethod, path);
      return found && "route" in found ? { method: found.route.binding.method } : found;
    },
    async handle(request, signal) {
      const response = await handleCall(request, signal);
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
      const { httpMethod, template } = binding;
      const route = compileRoute(binding, { ...settings, ignoredQueryParameters });
      const known = router.add(httpMethod, template, route);
      if (known) {
        const { name, parent } = known.binding.method;
        const problem = `${httpMethod} ${template.source} is bound twice`;
        throw new BindingError(method, `${problem}, also by ${parent.typeName}.${name}`);
      }
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
    // Reads the first chunk only, which ends the call.
    for await (const _ of response.chunks) break;
  }
  return { status, headers, body: "" };
}
