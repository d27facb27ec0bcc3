import type { DescMethod } from "@bufbuild/protobuf";
import type { AdmissionQueue } from "@plaza/kit/overload/admission-queue";
import type { Logger } from "@plaza/kit/telemetry/log";
import { RestError, toStatusResponse } from "@plaza/rest/errors";
import type { RestResponse } from "@plaza/rest/transcoder";
import type { RateLimiter } from "./admission/rate-limiter.ts";
import { toPublicError } from "./base/public-error.ts";
import { clientAddressOf, type TrustedProxies } from "./http/client-address.ts";
import type { HttpHandler, HttpRequest, HttpResponse } from "./http/http-message.ts";
import { normalizeRequest } from "./http/normalize-request.ts";
import { sendResponse } from "./http/send-response.ts";
import { beginHttpCall } from "./methods/call.ts";
import type { ExposedMethod } from "./methods/exposed-methods.ts";
import { createSlot, unlimitedSlot } from "./overload/slot.ts";
import type { PictureRoute } from "./pictures/picture-route.ts";
import type { ConnectProtocol } from "./protocols/connect.ts";
import type { RestProtocol } from "./protocols/rest.ts";
import { rpcErrorResponse } from "./protocols/rpc-error-response.ts";
import type { LazyFile } from "./site/api-docs.ts";
import type { ProbeHandler } from "./site/probes.ts";
import { sendFile } from "./site/static-files.ts";
import type { WebApp } from "./site/web-app.ts";

/** What `createHttpRouter` takes. */
export type HttpRouterOptions = {
  readonly exposedMethods: ReadonlyMap<DescMethod, ExposedMethod>;
  readonly rest: RestProtocol;
  readonly connect: ConnectProtocol;
  readonly probes: ReadonlyMap<string, ProbeHandler>;
  /** Fixed documents, by path. */
  readonly documents: ReadonlyMap<string, LazyFile>;
  readonly webApp: WebApp;
  /** The path below which everything is served, whether the proxy before it strips it or not. */
  readonly basePath: string;
  readonly pictures: PictureRoute;
  readonly admissionQueue: AdmissionQueue;
  readonly rateLimiter: RateLimiter;
  readonly trustedProxies: TrustedProxies;
  /** Headers of every response. */
  readonly commonHeaders: Readonly<Record<string, string>>;
  readonly log: Logger;
};

/** Paths of APIs, below which no page of the web app is served, and targets that are no path. */
const noPagePattern = /^(?!\/)|^\/(v\d+|plaza\.[^/]*|grpc\.[^/]*|\.well-known|openapi)(\/|$)/;

const picturePath = "/pictures";
const readMethods = ["GET", "HEAD"];

/** Creates the listener that routes a request to a REST call, an RPC, a probe, a document or the web app. */
export function createHttpRouter(options: HttpRouterOptions): HttpHandler {
  const { exposedMethods, rest, connect, probes, admissionQueue, commonHeaders, log } = options;

  async function serve(request: HttpRequest, response: HttpResponse): Promise<void> {
    normalizeRequest(request, options.basePath);
    const { method = "", url = "" } = request;
    const query = url.indexOf("?");
    const path = query < 0 ? url : url.slice(0, query);
    const restMatch = rest.match(method, path);
    const restMethod =
      restMatch && "method" in restMatch ? exposedMethods.get(restMatch.method) : undefined;
    const connectRoute = restMethod ? undefined : connect.find(path);
    if (method === "OPTIONS") {
      const allowed = restMatch && "allow" in restMatch ? restMatch.allow : readMethods;
      const allow = connectRoute ? connectRoute.handler.allowedMethods : allowed;
      return sendResponse(request, response, allowedMethods(allow), commonHeaders);
    }
    if (restMethod || connectRoute) {
      const isOwn = connectRoute && !exposedMethods.has(connectRoute.handler.method);
      const acquired = isOwn ? undefined : admissionQueue.acquire();
      const releasePermit = acquired instanceof Promise ? await acquired : acquired;
      const slot = releasePermit ? createSlot(admissionQueue, releasePermit) : unlimitedSlot;
      if (response.closed) return slot.release();
      // Connect has no callback for the end of a call.
      response.once("close", slot.release);
      if (restMethod) {
        const call = beginHttpCall(request, response, restMethod, "rest");
        return rest.serve(call, restMethod.method, slot);
      }
      if (connectRoute) {
        const call = beginHttpCall(request, response, connectRoute.access, "rpc");
        return connect.serve(call, connectRoute, slot);
      }
    }
    for (const [name, value] of Object.entries(commonHeaders)) response.setHeader(name, value);
    const probe = probes.get(path);
    if (probe) {
      requireGet(request, path);
      return probe(response);
    }
    if (path === picturePath) {
      requireGet(request, path);
      return options.pictures(request, response);
    }
    await options.rateLimiter.limitAddress(clientAddressOf(request, options.trustedProxies));
    if (restMatch && "allow" in restMatch) throw methodNotAllowed(method, path, restMatch.allow);
    return servePage(request, response, path, query < 0 ? "" : url.slice(query));
  }

  async function servePage(
    request: HttpRequest,
    response: HttpResponse,
    path: string,
    query: string,
  ) {
    const document = options.documents.get(path);
    const isPage = !noPagePattern.test(path);
    const file = document?.() ?? (isPage ? await options.webApp(request, path, query) : undefined);
    if (!file) throw new RestError("NO_SUCH_ROUTE", `no such path: ${path}`);
    requireGet(request, path);
    return sendFile(request, response, file);
  }

  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      const publicError = error instanceof RestError ? error : toPublicError(error, log);
      if (response.headersSent) response.destroy();
      else {
        const ofRpc = rpcErrorResponse(request, publicError);
        sendResponse(request, response, ofRpc ?? toStatusResponse(publicError), commonHeaders);
      }
    });
  };
}

/** The response to OPTIONS, by which some balancers check health (RFC 9110, section 9.3.7). */
function allowedMethods(allowed: readonly string[]): RestResponse {
  return { status: 204, headers: [["allow", [...allowed, "OPTIONS"].join(", ")]], body: "" };
}

function requireGet({ method = "" }: HttpRequest, path: string): void {
  if (method === "GET" || method === "HEAD") return;
  throw methodNotAllowed(method, path, readMethods);
}

function methodNotAllowed(method: string, path: string, allowed: readonly string[]): RestError {
  const allow = allowed.join(", ");
  return new RestError("METHOD_NOT_ALLOWED", `${method} is not allowed at ${path}; use ${allow}`, {
    headers: [["allow", allow]],
  });
}
