import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { DescMethod } from "@bufbuild/protobuf";
import type { Logger } from "@plaza/kit/telemetry/log";
import { RestError, toStatusResponse } from "@plaza/rest/errors";
import type { RateLimiter } from "./admission/rate-limiter.ts";
import { toPublicError } from "./base/public-error.ts";
import { clientAddressOf } from "./http/client-address.ts";
import { sendResponse } from "./http/send-response.ts";
import { beginHttpCall } from "./methods/call.ts";
import type { ExposedMethod } from "./methods/exposed-methods.ts";
import type { AdmissionQueue } from "./overload/admission-queue.ts";
import { createSlot, unlimitedSlot } from "./overload/slot.ts";
import type { ConnectProtocol } from "./protocols/connect.ts";
import type { RestProtocol } from "./protocols/rest.ts";
import type { LazyFile } from "./site/api-docs.ts";
import type { ProbeHandler } from "./site/probes.ts";
import { sendFile } from "./site/static-files.ts";
import type { WebApp } from "./site/web-app.ts";

/** What the edge puts together. */
export type HttpRouterOptions = {
  readonly exposedMethods: ReadonlyMap<DescMethod, ExposedMethod>;
  readonly rest: RestProtocol;
  readonly connect: ConnectProtocol;
  readonly probes: ReadonlyMap<string, ProbeHandler>;
  /** Fixed documents, by path. */
  readonly documents: ReadonlyMap<string, LazyFile>;
  readonly webApp: WebApp;
  readonly admissionQueue: AdmissionQueue;
  readonly rateLimiter: RateLimiter;
  readonly trustedProxyCount: number;
  /** Headers of every answer. */
  readonly commonHeaders: Readonly<Record<string, string>>;
  readonly log: Logger;
};

/** Below these nothing is a page of the web app. */
const apiPathPattern = /^\/(v\d+|plaza\.[^/]*|grpc\.[^/]*|\.well-known|openapi)(\/|$)/;

/** Decides what a request is for: a probe, an RPC, a REST call, a document or the web app. */
export function createHttpRouter(options: HttpRouterOptions): RequestListener {
  const { exposedMethods, rest, connect, probes, admissionQueue, commonHeaders, log } = options;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    const query = url.indexOf("?");
    const path = query < 0 ? url : url.slice(0, query);
    const found = rest.match(method, path);
    const target = found && "method" in found ? exposedMethods.get(found.method) : undefined;
    const remote = target ? undefined : connect.find(path);
    if (target || remote) {
      const isOwn = remote && !exposedMethods.has(remote.handler.method);
      const entered = isOwn ? undefined : admissionQueue.acquire();
      const end = entered instanceof Promise ? await entered : entered;
      const place = end ? createSlot(admissionQueue, end) : unlimitedSlot;
      if (response.closed) return place.release();
      // Connect does not say when it is done.
      response.once("close", place.release);
      if (target) {
        const call = beginHttpCall(request, response, target, "rest");
        return rest.serve(call, target.method, place);
      }
      if (remote) {
        const call = beginHttpCall(request, response, remote.access, "rpc");
        return connect.serve(call, remote, place);
      }
    }
    const probe = probes.get(path);
    for (const [name, value] of Object.entries(commonHeaders)) response.setHeader(name, value);
    if (probe) return probe(response);
    options.rateLimiter.limitAddress(clientAddressOf(request, options.trustedProxyCount));
    if (found && "allow" in found) throw methodNotAllowed(method, path, found.allow);
    return servePage(request, response, path);
  }

  async function servePage(request: IncomingMessage, response: ServerResponse, path: string) {
    const document = options.documents.get(path);
    const isPage = !apiPathPattern.test(path);
    const file = document?.() ?? (isPage ? options.webApp(request, path) : undefined);
    if (!file) throw new RestError("NO_SUCH_ROUTE", "nothing is at this path");
    if (request.method !== "GET" && request.method !== "HEAD") {
      throw methodNotAllowed(request.method ?? "", path, ["GET", "HEAD"]);
    }
    return sendFile(request, response, file);
  }

  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      const known = error instanceof RestError ? error : toPublicError(error, log);
      if (response.headersSent) response.destroy();
      else sendResponse(request, response, toStatusResponse(known), commonHeaders);
    });
  };
}

function methodNotAllowed(method: string, path: string, allowed: readonly string[]): RestError {
  const allow = allowed.join(", ");
  return new RestError("METHOD_NOT_ALLOWED", `${path} takes ${allow}, not ${method}`, {
    headers: [["allow", allow]],
  });
}
