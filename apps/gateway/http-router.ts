import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { DescMethod } from "@bufbuild/protobuf";
import type { Logger } from "@plaza/kit/telemetry/log";
import { toStatusResponse } from "@plaza/rest/errors";
import { RestError } from "@plaza/rest/http/rest-error";
import type { RateLimit } from "./admission/rate-limiter.ts";
import { refusalFor } from "./base/public-error.ts";
import { addressOf } from "./http/client-address.ts";
import { send } from "./http/send-response.ts";
import { beginHttpCall } from "./methods/call.ts";
import type { Reachable } from "./methods/exposed-methods.ts";
import type { Load } from "./overload/admission-queue.ts";
import { noPlace, placeIn } from "./overload/slot.ts";
import type { RpcRoute } from "./protocols/connect.ts";
import type { RestRoute } from "./protocols/rest.ts";
import type { LazyFile } from "./site/api-docs.ts";
import type { Page } from "./site/probes.ts";
import { sendFile } from "./site/static-files.ts";
import type { WebApp } from "./site/web-app.ts";

/** What the edge puts together. */
export type EdgeOptions = {
  readonly surface: ReadonlyMap<DescMethod, Reachable>;
  readonly rest: RestRoute;
  readonly rpc: RpcRoute;
  readonly probes: ReadonlyMap<string, Page>;
  /** Fixed documents, by path. */
  readonly documents: ReadonlyMap<string, LazyFile>;
  readonly webApp: WebApp;
  readonly load: Load;
  readonly rateLimit: RateLimit;
  readonly trustedProxies: number;
  /** Headers of every answer. */
  readonly common: Readonly<Record<string, string>>;
  readonly log: Logger;
};

/** Below these nothing is a page of the web app. */
const apiPaths = /^\/(v\d+|plaza\.[^/]*|grpc\.[^/]*|\.well-known|openapi)(\/|$)/;

/** Decides what a request is for: a probe, an RPC, a REST call, a document or the web app. */
export function createEdge(options: EdgeOptions): RequestListener {
  const { surface, rest, rpc, probes, load, common, log } = options;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    const query = url.indexOf("?");
    const path = query < 0 ? url : url.slice(0, query);
    const found = rest.match(method, path);
    const target = found && "method" in found ? surface.get(found.method) : undefined;
    const remote = target ? undefined : rpc.find(path);
    if (target || remote) {
      const isOwn = remote && !surface.has(remote.handler.method);
      const entered = isOwn ? undefined : load.enter();
      const end = entered instanceof Promise ? await entered : entered;
      const place = end ? placeIn(load, end) : noPlace;
      if (response.closed) return place.leave();
      // Connect does not say when it is done.
      response.once("close", place.leave);
      if (target) {
        const call = beginHttpCall(request, response, target, "rest");
        return rest.serve(call, target.method, place);
      }
      if (remote) {
        const call = beginHttpCall(request, response, remote.entry, "rpc");
        return rpc.serve(call, remote, place);
      }
    }
    const probe = probes.get(path);
    for (const [name, value] of Object.entries(common)) response.setHeader(name, value);
    if (probe) return probe(response);
    options.rateLimit.ofAddress(addressOf(request, options.trustedProxies));
    if (found && "allow" in found) throw wrongMethod(method, path, found.allow);
    return servePage(request, response, path);
  }

  async function servePage(request: IncomingMessage, response: ServerResponse, path: string) {
    const document = options.documents.get(path);
    const isPage = !apiPaths.test(path);
    const file = document?.() ?? (isPage ? options.webApp(request, path) : undefined);
    if (!file) throw new RestError("NO_SUCH_ROUTE", "nothing is at this path");
    if (request.method !== "GET" && request.method !== "HEAD") {
      throw wrongMethod(request.method ?? "", path, ["GET", "HEAD"]);
    }
    return sendFile(request, response, file);
  }

  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      const known = error instanceof RestError ? error : refusalFor(error, log);
      if (response.headersSent) response.destroy();
      else send(request, response, toStatusResponse(known), common);
    });
  };
}

function wrongMethod(method: string, path: string, allowed: readonly string[]): RestError {
  const allow = allowed.join(", ");
  return new RestError("METHOD_NOT_ALLOWED", `${path} takes ${allow}, not ${method}`, {
    headers: [["allow", allow]],
  });
}
