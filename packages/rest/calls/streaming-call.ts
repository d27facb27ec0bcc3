import type { DescMethodStreaming, Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";

import { returnsHttpBody } from "../binding/http-body.ts";
import { isClientStreaming, isServerStreaming } from "../binding/method-cardinality.ts";
import { type ResponseBody, toResponse } from "../binding/response-body.ts";

import { responseHeaders } from "../http/headers.ts";
import type { RestRequest, RestResponse, RestStreamResponse } from "../http/messages.ts";
import { RestError } from "../http/rest-error.ts";
import { openResponseStream } from "../streaming/response-stream.ts";
import { negotiateStreamFormat, type StreamFormat } from "../streaming/stream-format.ts";
import { readMessage } from "./request-reader.ts";
import { readMessages } from "./request-stream.ts";
import { createInvokeContext, type RoutedRequest } from "./route-request.ts";
import type { InvokeContext, InvokeStream, ResolvedOptions } from "./transcoder-options.ts";

/**
 * Handles a call of a streaming method. Throws what the RPC throws before its first message, and RestError
 * when the request does not fit the method.
 */
export async function handleStreamingCall(
  call: RoutedRequest,
  method: DescMethodStreaming,
  request: RestRequest,
  signal: AbortSignal,
  settings: ResolvedOptions & { toErrorResponse: (error: unknown) => RestResponse },
): Promise<RestResponse | RestStreamResponse> {
  const { invokeStream } = settings;
  if (!invokeStream) throw new RestError("STREAMING_NOT_SUPPORTED", `${method.name} is a stream`);
  const { route } = call.match;
  const format = isServerStreaming(method)
    ? negotiateStreamFormat(request.headers, returnsHttpBody(route.binding))
    : undefined;
  const requests = await readRequests(call, request, format, settings);
  const rpc = startRpc(
    invokeStream,
    method,
    requests,
    createInvokeContext(request, signal, settings),
  );
  try {
    if (!format) return toResponse(route.writeResponse, await rpc.singleMessage());
    const { eventId = () => "" } = route.resumption ?? {};
    return await openResponseStream({
      ...settings,
      format,
      async nextChunk(): Promise<ResponseBody | undefined> {
        const { done, value } = await rpc.messages.next();
        if (done) return undefined;
        const written = route.writeResponse(value);
        return { ...written, body: format.formatMessage(written, eventId(value)) };
      },
      headers: () => responseHeaders(rpc.response().headers),
      cancel: rpc.cancel,
    });
  } catch (error) {
    rpc.cancel();
    throw error;
  }
}

/** A request without a body, or to a method that takes one message, is one message. */
async function readRequests(
  call: RoutedRequest,
  request: RestRequest,
  format: StreamFormat | undefined,
  settings: ResolvedOptions,
): Promise<AsyncGenerator<Message>> {
  const { resumption, binding } = call.match.route;
  if (isClientStreaming(binding.method) && binding.body.kind !== "none") {
    return readMessages(call, request, settings);
  }
  const message = await readMessage(call, request, settings);
  const lastEventId = format?.hasEventIds ? request.headers.get("last-event-id") : undefined;
  if (resumption && lastEventId) resumption.resumeAfter(message, lastEventId);
  return streamOfOne(message);
}

async function* streamOfOne(message: Message): AsyncGenerator<Message> {
  yield message;
}

/** A streaming RPC in progress. */
type StreamingRpc = {
  /** Its responses. When a request is refused, throws that error rather than the RPC's. */
  messages: AsyncGenerator<Message, void>;
  /** Its only response. Throws a ConnectError when there is another number of them. */
  singleMessage: () => Promise<{ message: Message; headers: Headers; trailers: Headers }>;
  response: () => { headers: Headers; trailers: Headers };
  /** Cancels it, unless it has ended. */
  cancel: () => void;
};

/** Whether a request was refused, here or by whoever reads the body; otherwise it failed to arrive. */
function isRefusal(error: unknown): boolean {
  return error instanceof RestError || error instanceof ConnectError;
}

function startRpc(
  invokeStream: InvokeStream,
  method: DescMethodStreaming,
  requests: AsyncGenerator<Message>,
  context: InvokeContext,
): StreamingRpc {
  const ending = new AbortController();
  const { signal: ended } = ending;
  const signal = AbortSignal.any([context.signal, ended]);
  let head = { headers: new Headers(), trailers: new Headers() };

  // Aborts the RPC before the transport could take the requests for complete.
  async function* checkedRequests() {
    try {
      yield* requests;
    } catch (error) {
      ending.abort(error);
      throw error;
    }
  }

  async function* messages() {
    try {
      const response = await invokeStream(method, checkedRequests(), { ...context, signal });
      head = response;
      yield* response.messages;
      ended.throwIfAborted();
    } catch (error) {
      throw isRefusal(ended.reason) ? ended.reason : error;
    } finally {
      end();
    }
  }

  function end() {
    ending.abort();
    // Closes the rest of the body, which the server may then drop.
    requests.return(undefined).catch(() => undefined);
  }

  const responses = messages();
  return {
    messages: responses,
    async singleMessage() {
      const [message, ...more] = await Array.fromAsync(responses);
      if (message && more.length === 0) return { ...head, message };
      throw new ConnectError(
        `${method.name} answered ${message ? "twice" : "nothing"}`,
        Code.Internal,
      );
    },
    response: () => head,
    cancel: end,
  };
}
