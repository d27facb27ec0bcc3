import type { DescMethod, DescMethodStreaming, DescMethodUnary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { bindingsOf } from "./binding/bindings.ts";
import { wholeReply } from "./binding/response-body.ts";
import { type Call, contextOf, findCall, readMessage } from "./calls/request-reader.ts";
import { answerStream } from "./calls/streaming-call.ts";
import { complete, type Settings, type TranscoderOptions } from "./calls/transcoder-options.ts";
import { toStatusResponse } from "./errors.ts";
import { compress } from "./http/compression.ts";
import type { RestRequest, RestResponse, RestStream } from "./http/messages.ts";
import { compileRoute, type Route } from "./routing/compiled-route.ts";
import { createRouter, type Router } from "./routing/path-router.ts";

export type { Invoke, InvokeStream, TranscoderOptions } from "./calls/transcoder-options.ts";
export type { RestRequest, RestResponse, RestStream } from "./http/messages.ts";

/** What a path leads to: a method, or the HTTP methods that would lead to one. */
export type Match = { method: DescMethod } | { allow: readonly string[] };

export type Transcoder = {
  /** What handle would do with a path (without query): undefined when it would answer 404. */
  match: (httpMethod: string, path: string) => Match | undefined;
  /**
   * Answers a request, whatever it is. Never rejects. Only a method of a stream of replies is answered by
   * a RestStream, for which the signal has to tell when the client goes.
   */
  handle: (request: RestRequest, signal: AbortSignal) => Promise<RestResponse | RestStream>;
};

/**
 * Builds the transcoder of the services' google.api.http rules. Throws when a rule breaks the grammar,
 * does not fit its messages, or binds what another one has bound.
 */
export function createTranscoder(options: TranscoderOptions): Transcoder {
  const settings = complete(options);
  const router = buildRouter(settings);
  const { registry, report, compressMinBytes } = settings;

  function refuse(error: unknown, method: DescMethod | undefined): RestResponse {
    const response = toStatusResponse(error, registry);
    if (response.status >= 500 && !(error instanceof ConnectError)) report(error, method);
    return response;
  }

  async function answer(request: RestRequest, signal: AbortSignal) {
    let method: DescMethod | undefined;
    try {
      const call = findCall(router, request, settings);
      const { method: found } = call.found.route.binding;
      method = found;
      if (isUnary(found)) return await answerUnary(call, found, request, signal, settings);
      const refusing = { ...settings, refuse: (error: unknown) => refuse(error, found) };
      return await answerStream(call, found as DescMethodStreaming, request, signal, refusing);
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
      if ("pieces" in response || response.body.length < compressMinBytes) return response;
      return compress(response, request.headers);
    },
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

async function answerUnary(
  call: Call,
  method: DescMethodUnary,
  request: RestRequest,
  signal: AbortSignal,
  settings: Settings,
): Promise<RestResponse> {
  const message = await readMessage(call, request, settings);
  const context = contextOf(request, signal, settings);
  return wholeReply(call.found.route.write, await settings.invoke(method, message, context));
}

function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === "unary";
}

async function withoutBody(response: RestResponse | RestStream): Promise<RestResponse> {
  const { status, headers } = response;
  if ("pieces" in response) {
    // Left as soon as it has begun, which ends the call.
    for await (const _ of response.pieces) break;
  }
  return { status, headers, body: "" };
}
