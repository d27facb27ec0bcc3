import type { IncomingMessage } from "node:http";
import {
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import {
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { Fault } from "@plaza/kit/errors/fault";
import { maxBodyBytes, maxStreamMs } from "../base/limits.ts";
import { refusalFor } from "../base/public-error.ts";
import { mergeCookies } from "../http/cookies.ts";
import type { Entry, HttpCall } from "../methods/call.ts";
import type { Place } from "../overload/slot.ts";
import { requireReadable, runHandler, stageKey } from "./decode-errors.ts";
import { wholeMessages } from "./envelopes.ts";
import { admitInto, entryOf, type RpcOptions, routeMethods } from "./rpc-methods.ts";

/** A method as it is served: what is asked of its callers, and its handler. */
export type RpcTarget = { readonly entry: Entry; readonly handler: UniversalHandler };

/** RPCs over HTTP/1.1: Connect and gRPC-Web on the paths `/package.Service/Method`. */
export type RpcRoute = {
  find(path: string): RpcTarget | undefined;
  serve(call: HttpCall, target: RpcTarget, place: Place): Promise<void>;
};

const callKey = createContextKey<HttpCall | undefined>(undefined);

/** Makes the Connect side of the edge. `common` are headers of every answer. */
export function createRpcRoute(
  options: RpcOptions & { readonly common: Readonly<Record<string, string>> },
): RpcRoute {
  const { surface, common } = options;
  const router = createConnectRouter({
    acceptCompression: [compressionGzip],
    readMaxBytes: maxBodyBytes,
    writeMaxBytes: 16 * maxBodyBytes,
    maxTimeoutMs: maxStreamMs,
    requestGate: (context) => open(context, options),
  });
  routeMethods(router, options);
  const targets = new Map<string, RpcTarget>();
  for (const handler of router.handlers) {
    targets.set(handler.requestPath, { entry: entryOf(handler.method, options), handler });
  }

  return {
    find: (path) => targets.get(path),
    async serve(call, { handler }, place) {
      const { request, response } = call;
      requireHost(request);
      const headers = { ...common, "cache-control": "no-store" };
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      const values = createContextValues().set(callKey, call);
      const asked = {
        ...universalRequestFromNodeRequest(request, response, undefined, values),
        body: bodyOf(request, place),
      };
      const answer = surface.has(handler.method)
        ? await runHandler(handler, asked, values)
        : await handler(asked);
      keepCookies(response, answer.header);
      await universalResponseToNodeResponse(answer, response);
    },
  };
}

/** Who sends his first message slowly has no place meanwhile; most have come with their headers. */
async function* bodyOf(request: IncomingMessage, place: Place): AsyncGenerator<Uint8Array> {
  const pieces = wholeMessages(request, request.headers["content-type"], maxBodyBytes);
  try {
    const next = pieces.next();
    const first = request.complete ? await next : await place.whileAway(next);
    if (first.done) return;
    yield first.value;
    yield* pieces;
  } finally {
    await pieces.return(undefined);
  }
}

/** Puts the cookies of admission beside those of the answer, in which they would be lost. */
function keepCookies(response: HttpCall["response"], header = new Headers()): void {
  const set = header.getSetCookie();
  if (set.length === 0) return;
  response.setHeader("set-cookie", mergeCookies(response.getHeader("set-cookie"), set));
  header.delete("set-cookie");
}

/** Connect makes a URL of the request, which fails on a host that is none. */
function requireHost({ headers }: IncomingMessage): void {
  if (URL.canParse(`http://${headers.host}`)) return;
  throw new Fault("invalid", "INVALID_HOST", "the host is not one");
}

/** Runs before a message is read, and once the protocol is known in which a refusal is to be told. */
async function open(context: HandlerContext, options: RpcOptions): Promise<void> {
  const { values } = context;
  const call = values.get(callKey);
  if (!call) throw new Error("a call that did not come through the edge");
  try {
    requireReadable(values);
  } catch (error) {
    throw refusalFor(error, options.log);
  }
  await admitInto(context, call, options);
  values.set(stageKey, "admitted");
}
