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
import { maxBodyBytes, maxStreamDurationMs } from "../base/limits.ts";
import { toPublicError } from "../base/public-error.ts";
import { mergeSetCookies } from "../http/cookies.ts";
import type { HttpCall } from "../methods/call.ts";
import { methodAccess } from "../methods/exposed-methods.ts";
import type { MethodAccess } from "../methods/method-access.ts";
import type { Slot } from "../overload/slot.ts";
import { callStageKey, handleWithDecodeErrors, throwIfUndecodable } from "./decode-errors.ts";
import { splitEnvelopes } from "./envelopes.ts";
import { admitCall, type RpcOptions, registerMethods } from "./rpc-methods.ts";

/** A method's access and handler. */
export type ConnectRoute = { readonly access: MethodAccess; readonly handler: UniversalHandler };

/** Connect and gRPC-Web over HTTP/1.1, on the paths `/package.Service/Method`. */
export type ConnectProtocol = {
  find(path: string): ConnectRoute | undefined;
  serve(call: HttpCall, route: ConnectRoute, slot: Slot): Promise<void>;
};

const incomingCallKey = createContextKey<HttpCall | undefined>(undefined);

/** Creates the Connect and gRPC-Web side of the gateway. `commonHeaders` go into every response. */
export function createConnectProtocol(
  options: RpcOptions & { readonly commonHeaders: Readonly<Record<string, string>> },
): ConnectProtocol {
  const { exposedMethods, commonHeaders } = options;
  const router = createConnectRouter({
    acceptCompression: [compressionGzip],
    readMaxBytes: maxBodyBytes,
    writeMaxBytes: 16 * maxBodyBytes,
    maxTimeoutMs: maxStreamDurationMs,
    requestGate: (context) => admitConnectCall(context, options),
  });
  registerMethods(router, options);
  const routes = new Map<string, ConnectRoute>();
  for (const handler of router.handlers) {
    routes.set(handler.requestPath, {
      access: methodAccess(handler.method, exposedMethods),
      handler,
    });
  }

  return {
    find: (path) => routes.get(path),
    async serve(call, { handler }, slot) {
      const { request, response } = call;
      requireValidHost(request);
      const headers = { ...commonHeaders, "cache-control": "no-store" };
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      const values = createContextValues().set(incomingCallKey, call);
      const universalRequest = {
        ...universalRequestFromNodeRequest(request, response, undefined, values),
        body: readEnvelopesReleasingSlot(request, slot),
      };
      const universalResponse = exposedMethods.has(handler.method)
        ? await handleWithDecodeErrors(handler, universalRequest, values)
        : await handler(universalRequest);
      mergeResponseCookies(response, universalResponse.header);
      await universalResponseToNodeResponse(universalResponse, response);
    },
  };
}

/** Reads the body in whole envelopes, and releases the slot while the first one uploads. */
async function* readEnvelopesReleasingSlot(
  request: IncomingMessage,
  slot: Slot,
): AsyncGenerator<Uint8Array> {
  const pieces = splitEnvelopes(request, request.headers["content-type"], maxBodyBytes);
  try {
    const next = pieces.next();
    const first = request.complete ? await next : await slot.releaseWhile(next);
    if (first.done) return;
    yield first.value;
    yield* pieces;
  } finally {
    await pieces.return(undefined);
  }
}

/** Merges admission's cookies with those of the response, which would replace them. */
function mergeResponseCookies(response: HttpCall["response"], header = new Headers()): void {
  const set = header.getSetCookie();
  if (set.length === 0) return;
  response.setHeader("set-cookie", mergeSetCookies(response.getHeader("set-cookie"), set));
  header.delete("set-cookie");
}

/** Connect builds a URL from the request, which throws for an invalid host. */
function requireValidHost({ headers }: IncomingMessage): void {
  if (URL.canParse(`http://${headers.host}`)) return;
  throw new Fault("invalid", "INVALID_HOST", "the host header is invalid");
}

/** Runs before a message is decoded, when Connect already knows in which protocol to answer an error. */
async function admitConnectCall(context: HandlerContext, options: RpcOptions): Promise<void> {
  const { values } = context;
  const call = values.get(incomingCallKey);
  if (!call) throw new Error("a Connect handler ran without an incoming call");
  try {
    throwIfUndecodable(values);
  } catch (error) {
    throw toPublicError(error, options.log);
  }
  await admitCall(context, call, options);
  values.set(callStageKey, "admitted");
}
