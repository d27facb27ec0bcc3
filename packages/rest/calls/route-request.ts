import { Code, ConnectError } from "@connectrpc/connect";
import { parseTimeoutMs } from "../http/headers.ts";
import type { RestHeaders, RestRequest } from "../http/messages.ts";
import { RestError } from "../http/rest-error.ts";
import type { CompiledRoute } from "../routing/compiled-route.ts";
import type { PathMatch, PathRouter } from "../routing/path-router.ts";
import type { InvokeContext, ResolvedOptions } from "./transcoder-options.ts";

/** A request with its route: path match, query text, and whether X-HTTP-Method-Override was used. */
export type RoutedRequest = {
  match: PathMatch<CompiledRoute>;
  query: string;
  isMethodOverridden: boolean;
};

/** Finds the route of a request. Throws RestError when there is none. */
export function routeRequest(
  router: PathRouter<CompiledRoute>,
  request: RestRequest,
  settings: ResolvedOptions,
): RoutedRequest {
  const { method, url, headers } = request;
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? "" : url.slice(mark + 1);
  const override =
    settings.methodOverride && method === "POST" ? methodOverride(headers) : undefined;
  const match = router.find(override ?? method, path);
  if (!match) throw new RestError("NO_SUCH_ROUTE", `no such path: ${path}`);
  if ("route" in match) return { match, query, isMethodOverridden: override !== undefined };
  const allow = match.allow.join(", ");
  throw new RestError("METHOD_NOT_ALLOWED", `${method} is not allowed at ${path}; use ${allow}`, {
    headers: [["allow", allow]],
  });
}

function methodOverride(headers: RestHeaders): string | undefined {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers.get("content-type") ?? "");
  return isForm ? headers.get("x-http-method-override")?.toUpperCase() : undefined;
}

/**
 * The call's metadata and deadline. Throws RestError when the deadline is malformed, and DEADLINE_EXCEEDED when
 * it is 0, which a transport would take for none.
 */
export function createInvokeContext(
  request: RestRequest,
  signal: AbortSignal,
  { requestHeaders }: ResolvedOptions,
): InvokeContext {
  const timeout = parseTimeoutMs(request.headers);
  if (timeout === 0) throw new ConnectError("the operation timed out", Code.DeadlineExceeded);
  const headers = requestHeaders(request);
  return timeout === undefined ? { headers, signal } : { headers, signal, timeoutMs: timeout };
}
