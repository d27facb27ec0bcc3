import type { IncomingHttpHeaders } from "node:http";
import type {
  DescMethod,
  DescMethodStreaming,
  DescMethodUnary,
  DescService,
  Message,
} from "@bufbuild/protobuf";
import type { Logger } from "@plaza/kit/telemetry/log";
import { isClientStreaming } from "@plaza/rest/binding/method-kind";
import { toStatusResponse } from "@plaza/rest/errors";
import type { RestHeaders } from "@plaza/rest/http/messages";
import { RestError } from "@plaza/rest/http/rest-error";
import {
  createTranscoder,
  type RestRequest,
  type RestResponse,
  type RestStream,
} from "@plaza/rest/transcoder";
import type { Admit } from "../admission/admission.ts";
import { maxBodyBytes } from "../base/limits.ts";
import { refusalFor } from "../base/public-error.ts";
import type { Forward, Onward } from "../forwarding/upstream-client.ts";
import { openBody, readBody } from "../http/body.ts";
import { withEtag } from "../http/etag.ts";
import { send, sendStream } from "../http/send-response.ts";
import { type HttpCall, traceIdOf } from "../methods/call.ts";
import type { Place } from "../overload/slot.ts";

/** A request together with the headers under which its call goes on. */
type Admitted = RestRequest & { readonly onward: Record<string, string> };

/** The REST side of the edge: what leads where, and how it is served. */
export type RestRoute = {
  /** What is at a path: a method, the HTTP methods that the path takes, or nothing. */
  readonly match: ReturnType<typeof createTranscoder>["match"];
  /** Serves a call of the method that its path leads to. */
  serve(call: HttpCall, method: DescMethod, place: Place): Promise<void>;
};

/** What serving REST takes. */
export type RestRouteOptions = {
  readonly services: readonly DescService[];
  readonly admit: Admit;
  readonly forward: Forward;
  /** Headers of every answer. */
  readonly common: Readonly<Record<string, string>>;
  readonly log: Logger;
};

/** Serves the google.api.http rules of the services. Throws when those do not fit together. */
export function createRestRoute(options: RestRouteOptions): RestRoute {
  const { services, admit, forward, common, log } = options;
  const transcoder = createTranscoder({
    services,
    maxRequestBytes: maxBodyBytes,
    requestHeaders: (request) => (request as Admitted).onward,
    invoke,
    invokeStream,
    onInternalError: (error, method) => log.error({ err: error, method: method?.name }, "edge"),
  });

  async function invoke(method: DescMethodUnary, message: Message, onward: Onward) {
    try {
      return await forward.unary(method, message, onward);
    } catch (error) {
      throw refusalFor(error, log);
    }
  }

  async function invokeStream(
    method: DescMethodStreaming,
    requests: AsyncIterable<Message>,
    onward: Onward,
  ) {
    try {
      const reply = await forward.stream(method, requests, onward);
      return { ...reply, messages: refusing(reply.messages) };
    } catch (error) {
      throw refusalFor(error, log);
    }
  }

  async function* refusing(messages: AsyncIterable<Message>) {
    try {
      yield* messages;
    } catch (error) {
      throw refusalFor(error, log);
    }
  }

  async function answer(
    call: HttpCall,
    method: DescMethod,
    place: Place,
  ): Promise<RestResponse | RestStream> {
    const { request } = call;
    try {
      const onward = await admit(call);
      const body = isClientStreaming(method) ? openBody(request) : await readWhole(request, place);
      const { method: httpMethod = "", url = "" } = request;
      const headers = new View(request.headers);
      const admitted: Admitted = { method: httpMethod, url, headers, body, onward };
      return await transcoder.handle(admitted, signalOf(call));
    } catch (error) {
      return toStatusResponse(error instanceof RestError ? error : refusalFor(error, log));
    }
  }

  return {
    match: transcoder.match,
    async serve(call, method, place) {
      const { request, response } = call;
      const headers = { ...common, "trace-id": traceIdOf(call) };
      const reply = await answer(call, method, place);
      const isTagged = call.entry.cacheable !== undefined && request.method === "GET";
      if ("body" in reply) {
        const known = request.headers["if-none-match"];
        send(request, response, isTagged ? withEtag(reply, known) : reply, headers);
      } else await sendStream(request, response, reply, headers);
    },
  };
}

/** Who sends his body slowly has no place meanwhile; nearly all bodies have come with their headers. */
function readWhole(request: HttpCall["request"], place: Place): Promise<Uint8Array> {
  const body = readBody(request, maxBodyBytes);
  return request.complete ? body : place.whileAway(body);
}

/** Aborts when the client goes before it has its answer. */
function signalOf({ response }: HttpCall): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Node's headers as the transcoder reads them. */
class View implements RestHeaders {
  readonly #headers: IncomingHttpHeaders;

  constructor(headers: IncomingHttpHeaders) {
    this.#headers = headers;
  }

  get = (name: string): string | null => {
    const value = this.#headers[name];
    return value === undefined ? null : String(value);
  };

  forEach = (visit: (value: string, name: string) => void): void => {
    for (const [name, value] of Object.entries(this.#headers)) visit(String(value), name);
  };
}
