import type { DescMethodStreaming, Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { takesMany, tellsMany } from "../binding/method-kind.ts";
import { givesRaw, wholeReply } from "../binding/response-body.ts";
import { responseHeaders } from "../http/headers.ts";
import type { RestRequest, RestResponse, RestStream } from "../http/messages.ts";
import { RestError } from "../http/rest-error.ts";
import { openStream, type Piece } from "../streaming/response-stream.ts";
import { formatFor, type StreamFormat } from "../streaming/stream-format.ts";
import { type Call, contextOf, readMessage, readMessages } from "./request-reader.ts";
import type { CallContext, InvokeStream, Settings } from "./transcoder-options.ts";

/**
 * Answers a call of a method that streams. Throws what the RPC throws before its first message, and
 * RestError when the request does not fit.
 */
export async function answerStream(
  call: Call,
  method: DescMethodStreaming,
  request: RestRequest,
  signal: AbortSignal,
  settings: Settings & { refuse: (error: unknown) => RestResponse },
): Promise<RestResponse | RestStream> {
  const { invokeStream } = settings;
  if (!invokeStream) throw new RestError("STREAMING_NOT_SUPPORTED", `${method.name} is a stream`);
  const { route } = call.found;
  const format = tellsMany(method)
    ? formatFor(request.headers, givesRaw(route.binding))
    : undefined;
  const requests = await requestsOf(call, request, format, settings);
  const rpc = begin(invokeStream, method, requests, contextOf(request, signal, settings));
  try {
    if (!format) return wholeReply(route.write, await rpc.onlyMessage());
    const { eventId = () => "" } = route.resumption ?? {};
    return await openStream({
      ...settings,
      format,
      async next(): Promise<Piece | undefined> {
        const { done, value } = await rpc.messages.next();
        if (done) return undefined;
        const reply = route.write(value);
        return { ...reply, body: format.message(reply, eventId(value)) };
      },
      headers: () => responseHeaders(rpc.reply().headers),
      end: rpc.end,
    });
  } catch (error) {
    rpc.end();
    throw error;
  }
}

/** A request without a body, or to a method that takes one message, is one message. */
async function requestsOf(
  call: Call,
  request: RestRequest,
  format: StreamFormat | undefined,
  settings: Settings,
): Promise<AsyncGenerator<Message>> {
  const { resumption, binding } = call.found.route;
  if (takesMany(binding.method) && binding.body.kind !== "none") {
    return readMessages(call, request, settings);
  }
  const message = await readMessage(call, request, settings);
  const lastEventId = format?.hasIds ? request.headers.get("last-event-id") : undefined;
  if (resumption && lastEventId) resumption.goOnAfter(message, lastEventId);
  return (async function* () {
    yield message;
  })();
}

/** A streaming RPC under way. */
type Rpc = {
  /** What it answers. Throws a refusal of its requests in place of what became of it in the RPC. */
  messages: AsyncGenerator<Message, void>;
  /** Its only message. Throws ConnectError when there is another number of them. */
  onlyMessage: () => Promise<{ message: Message; headers: Headers; trailers: Headers }>;
  reply: () => { headers: Headers; trailers: Headers };
  /** Ends it, if it has not ended. */
  end: () => void;
};

function begin(
  invokeStream: InvokeStream,
  method: DescMethodStreaming,
  requests: AsyncGenerator<Message>,
  context: CallContext,
): Rpc {
  const ending = new AbortController();
  const { signal: ended } = ending;
  const signal = AbortSignal.any([context.signal, ended]);
  let reply = { headers: new Headers(), trailers: new Headers() };

  // Ends the call before the transport can take the requests for complete.
  async function* refusing() {
    try {
      yield* requests;
    } catch (error) {
      ending.abort(error);
      throw error;
    }
  }

  async function* messages() {
    try {
      const answer = await invokeStream(method, refusing(), { ...context, signal });
      reply = answer;
      yield* answer.messages;
      ended.throwIfAborted();
    } catch (error) {
      throw ended.reason instanceof RestError ? ended.reason : error;
    } finally {
      end();
    }
  }

  function end() {
    ending.abort();
    // Lets go of the rest of the body, which the server may then drop.
    requests.return(undefined).catch(() => undefined);
  }

  const answers = messages();
  return {
    messages: answers,
    async onlyMessage() {
      const [message, ...more] = await Array.fromAsync(answers);
      if (message && more.length === 0) return { ...reply, message };
      throw new ConnectError(
        `${method.name} answered ${message ? "twice" : "nothing"}`,
        Code.Internal,
      );
    },
    reply: () => reply,
    end,
  };
}
