import type { Registry } from "@bufbuild/protobuf";
import {
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { compressionGzip } from "@connectrpc/connect-node";
import { isClientStreaming } from "@plaza/rest/transcoder";
import { maxBodyBytes } from "../base/limits.ts";
import { toPublicError } from "../base/public-error.ts";
import { chunksOf, startBodyTimer } from "../http/body.ts";
import type { HttpRequest } from "../http/http-message.ts";
import { mediaTypeOf } from "../http/media-type.ts";
import type { HttpCall } from "../methods/call.ts";
import { methodAccess } from "../methods/exposed-methods.ts";
import type { MethodAccess } from "../methods/method-access.ts";
import type { Slot } from "../overload/slot.ts";
import { callStageKey, handleWithDecodeErrors, throwIfUndecodable } from "./decode-errors.ts";
import { splitEnvelopes } from "./envelopes.ts";
import { decodeBase64, textTypePattern } from "./grpc-web-text.ts";
import { admitCall, type RpcOptions, registerMethods } from "./rpc-methods.ts";
import { sendUniversalResponse, toUniversalRequest } from "./universal-messages.ts";

/** A method's access and handler. */
export type ConnectRoute = { readonly access: MethodAccess; readonly handler: UniversalHandler };

/** Connect and gRPC-Web, and gRPC with JSON, on the paths `/package.Service/Method`. */
export type ConnectProtocol = {
  find(path: string): ConnectRoute | undefined;
  serve(call: HttpCall, route: ConnectRoute, slot: Slot): Promise<void>;
};

const incomingCallKey = createContextKey<HttpCall | undefined>(undefined);

/** What `createConnectProtocol` takes. */
export type ConnectOptions = RpcOptions & {
  /** Headers of every response. */
  readonly commonHeaders: Readonly<Record<string, string>>;
  /** The types that a google.protobuf.Any may hold in JSON; none by default. */
  readonly registry?: Registry;
};

/** Creates the Connect and gRPC-Web side of the gateway. */
export function createConnectProtocol(options: ConnectOptions): ConnectProtocol {
  const { exposedMethods, commonHeaders, registry } = options;
  const router = createConnectRouter({
    ...(registry && { jsonOptions: { registry } }),
    acceptCompression: [compressionGzip],
    readMaxBytes: maxBodyBytes,
    writeMaxBytes: 16 * maxBodyBytes,
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
      const isUnary = handler.method.methodKind === "unary";
      const headers = {
        ...commonHeaders,
        "cache-control": "no-store",
        // Keeps nginx, and proxies that follow it, from buffering a stream.
        ...(!isUnary && { "x-accel-buffering": "no" }),
      };
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      const values = createContextValues().set(incomingCallKey, call);
      const stopTimer = isClientStreaming(handler.method)
        ? () => undefined
        : startBodyTimer(request);
      const body = readEnvelopesReleasingSlot(request, slot, stopTimer);
      const universalRequest = toUniversalRequest(call, body, values);
      try {
        const universalResponse = exposedMethods.has(handler.method)
          ? await handleWithDecodeErrors(handler, universalRequest, values)
          : await handler(universalRequest);
        await sendUniversalResponse(response, universalResponse, {
          isText: isText(request),
          isUnary,
        });
      } finally {
        stopTimer();
      }
    },
  };
}

/** Reads the body in whole envelopes, and releases the slot while the first one uploads. */
async function* readEnvelopesReleasingSlot(
  request: HttpRequest,
  slot: Slot,
  onEnd: () => void,
): AsyncGenerator<Uint8Array> {
  const chunks = isText(request) ? decodeBase64(chunksOf(request)) : chunksOf(request);
  const pieces = splitEnvelopes(chunks, request.headers["content-type"], maxBodyBytes);
  try {
    const next = pieces.next();
    const first = request.complete ? await next : await slot.releaseWhile(next);
    if (first.done) return;
    yield first.value;
    yield* pieces;
  } finally {
    onEnd();
    await pieces.return(undefined);
  }
}

function isText({ headers }: HttpRequest): boolean {
  return textTypePattern.test(mediaTypeOf(headers["content-type"]));
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
