import type { IncomingHttpHeaders } from "node:http";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { Logger } from "@plaza/kit/telemetry/log";
import { RestError, toStatusResponse } from "@plaza/rest/errors";
import type { RestHeaders } from "@plaza/rest/transcoder";
import {
  createTranscoder,
  isClientStreaming,
  type RestRequest,
  type RestResponse,
  type RestStreamResponse,
} from "@plaza/rest/transcoder";
import type { Admission, AdmittedCall } from "../admission/admission.ts";
import { maxBodyBytes } from "../base/limits.ts";
import { toPublicError } from "../base/public-error.ts";
import type { UpstreamClient } from "../forwarding/upstream-client.ts";
import { readBody, streamBody } from "../http/body.ts";
import { preferredCoding } from "../http/content-coding.ts";
import { resourceEtagsOf } from "../http/etag.ts";
import { sendResponse, sendStreamResponse } from "../http/send-response.ts";
import { type HttpCall, traceIdOf } from "../methods/call.ts";
import type { Slot } from "../overload/slot.ts";
import { withEtag } from "./with-etag.ts";

/** A request together with the headers of its upstream call. */
type AdmittedRequest = RestRequest & { readonly upstreamHeaders: Record<string, string> };

/** REST/JSON, by the google.api.http rules of the contracts. */
export type RestProtocol = {
  /** Returns the method at a path, the HTTP methods that the path allows, or nothing. */
  readonly match: ReturnType<typeof createTranscoder>["match"];
  /** Serves a call of the matched method. */
  serve(call: HttpCall, method: DescMethod, slot: Slot): Promise<void>;
  /** Calls the unary method at a path with these upstream headers, for a call that was admitted already. */
  get(
    pathAndQuery: string,
    upstreamHeaders: Record<string, string>,
    signal: AbortSignal,
  ): Promise<RestResponse>;
};

/** What `createRestProtocol` takes. */
export type RestProtocolOptions = {
  readonly services: readonly DescService[];
  readonly admit: Admission;
  readonly upstream: UpstreamClient;
  /** Headers of every response. */
  readonly commonHeaders: Readonly<Record<string, string>>;
  readonly log: Logger;
};

/** Creates the REST side of the gateway. Throws when the rules of the services conflict. */
export function createRestProtocol(options: RestProtocolOptions): RestProtocol {
  const { services, admit, upstream, commonHeaders, log } = options;
  const transcoder = createTranscoder({
    services,
    maxRequestBytes: maxBodyBytes,
    requestHeaders: (request) => (request as AdmittedRequest).upstreamHeaders,
    invoke: upstream.unary,
    invokeStream: upstream.stream,
    onInternalError: (error, method) =>
      log.error({ err: error, method: method?.name }, "request failed with an unexpected error"),
  });

  async function respond(
    call: HttpCall,
    method: DescMethod,
    slot: Slot,
  ): Promise<RestResponse | RestStreamResponse> {
    const { request } = call;
    try {
      const admittedCall = await admit(call);
      const body = isClientStreaming(method)
        ? admitEach(streamBody(request), admittedCall, log)
        : await readBodyReleasingSlot(request, slot);
      const upstreamHeaders = await admittedCall.upstreamHeaders();
      const { method: httpMethod = "", url = "" } = request;
      const headers = new NodeHeadersView(request.headers);
      const admitted: AdmittedRequest = { method: httpMethod, url, headers, body, upstreamHeaders };
      return await transcoder.handle(admitted, abortSignalOf(call));
    } catch (error) {
      return toStatusResponse(error instanceof RestError ? error : toPublicError(error, log));
    }
  }

  return {
    match: transcoder.match,
    async get(url, upstreamHeaders, signal) {
      const headers = new NodeHeadersView({});
      const body = new Uint8Array();
      const request: AdmittedRequest = { method: "GET", url, headers, body, upstreamHeaders };
      return (await transcoder.handle(request, signal)) as RestResponse;
    },
    async serve(call, method, slot) {
      const { request, response } = call;
      const headers = { ...commonHeaders, "trace-id": traceIdOf(call) };
      const result = await respond(call, method, slot);
      if ("body" in result) {
        const ifNoneMatch = request.headers["if-none-match"];
        const isCacheable = call.access.cachePolicy !== undefined;
        const tagged =
          request.method === "GET" ? withEtag(result, ifNoneMatch, isCacheable) : result;
        sendResponse(request, response, tagged, headers);
      } else await sendStreamResponse(response, result, headers);
    },
  };
}

/** Admits the messages of a stream: each becomes complete with a chunk. */
async function* admitEach(
  chunks: AsyncIterable<Uint8Array>,
  { admitMessage }: AdmittedCall,
  log: Logger,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    await admitMessage().catch((error: unknown) => {
      throw toPublicError(error, log);
    });
    yield chunk;
  }
}

/** Releases the slot while the body uploads; most bodies arrive with their headers. */
function readBodyReleasingSlot(request: HttpCall["request"], slot: Slot): Promise<Uint8Array> {
  const body = readBody(request, maxBodyBytes);
  return request.complete ? body : slot.releaseWhile(body);
}

/** Aborts when the client disconnects before the response is complete. */
function abortSignalOf({ response }: HttpCall): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Node's headers in the shape that the transcoder reads, without a copy. */
class NodeHeadersView implements RestHeaders {
  readonly #headers: IncomingHttpHeaders;

  constructor(headers: IncomingHttpHeaders) {
    this.#headers = headers;
  }

  get = (name: string): string | null => {
    const value = this.#headers[name];
    if (value === undefined) return null;
    if (name === "accept-encoding") return preferredCoding(this.#headers, ["gzip"]) ?? null;
    return name === "if-match" ? resourceEtagsOf(String(value)) : String(value);
  };

  forEach = (visit: (value: string, name: string) => void): void => {
    for (const [name, value] of Object.entries(this.#headers)) visit(String(value), name);
  };
}
