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

/** A method as it is served: what is asked of its callers, and its handler. */
export type ConnectRoute = { readonly access: MethodAccess; readonly handler: UniversalHandler };

/** RPCs over HTTP/1.1: Connect and gRPC-Web on the paths `/package.Service/Method`. */
export type ConnectProtocol = {
  find(path: string): ConnectRoute | undefined;
  serve(call: HttpCall, route: ConnectRoute, place: Slot): Promise<void>;
};

const incomingCallKey = createContextKey<HttpCall | undefined>(undefined);

/** Makes the Connect side of the edge. `common` are headers of every answer. */
export function createConnectProtocol(
  options: RpcOptions & { readonly common: Readonly<Record<string, string>> },
): ConnectProtocol {
  const { exposedMethods, common } = options;
  const router = createConnectRouter({
    acceptCompression: [compressionGzip],
    readMaxBytes: maxBodyBytes,
    writeMaxBytes: 16 * maxBodyBytes,
    maxTimeoutMs: maxStreamDurationMs,
    requestGate: (context) => admitConnectCall(context, options),
  });
  registerMethods(router, options);
  const targets = new Map<string, ConnectRoute>();
  for (const handler of router.handlers) {
    targets.set(handler.requestPath, {
      access: methodAccess(handler.method, exposedMethods),
      handler,
    });
  }

  return {
    find: (path) => targets.get(path),
    async serve(call, { handler }, slot) {
      const { request, response } = call;
      requireValidHost(request);
      const headers = { ...common, "cache-control": "no-store" };
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      const values = createContextValues().set(incomingCallKey, call);
      const asked = {
        ...universalRequestFromNodeRequest(request, response, undefined, values),
        body: readEnvelopesReleasingSlot(request, slot),
      };
      const answer = exposedMethods.has(handler.method)
        ? await handleWithDecodeErrors(handler, asked, values)
        : await handler(asked);
      mergeResponseCookies(response, answer.header);
      await universalResponseToNodeResponse(answer, response);
    },
  };
}

/** Who sends his first message slowly has no place meanwhile; most have come with their headers. */
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

/** Puts the cookies of admission beside those of the answer, in which they would be lost. */
function mergeResponseCookies(response: HttpCall["response"], header = new Headers()): void {
  const set = header.getSetCookie();
  if (set.length === 0) return;
  response.setHeader("set-cookie", mergeSetCookies(response.getHeader("set-cookie"), set));
  header.delete("set-cookie");
}

/** Connect makes a URL of the request, which fails on a host that is none. */
function requireValidHost({ headers }: IncomingMessage): void {
  if (URL.canParse(`http://${headers.host}`)) return;
  throw new Fault("invalid", "INVALID_HOST", "the host is not one");
}

/** Runs before a message is read, and once the protocol is known in which a refusal is to be told. */
async function admitConnectCall(context: HandlerContext, options: RpcOptions): Promise<void> {
  const { values } = context;
  const call = values.get(incomingCallKey);
  if (!call) throw new Error("a call that did not come through the edge");
  try {
    throwIfUndecodable(values);
  } catch (error) {
    throw toPublicError(error, options.log);
  }
  await admitCall(context, call, options);
  values.set(callStageKey, "admitted");
}
