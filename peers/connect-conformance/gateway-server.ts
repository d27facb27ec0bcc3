// The gateway's protocols before the service of the Connect conformance suite: `node gateway-server.ts <descriptors>`.
import type { DescMethod } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import type { Router } from "@plaza/grpc/calls";
import { createServer } from "@plaza/grpc/server";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { createAdmissionQueue } from "@plaza/kit/overload/admission-queue";
import { createConcurrencyLimit } from "@plaza/kit/overload/concurrency-limit";
import { methodName } from "@plaza/kit/rpc/method-name";
import { silentLogger } from "@plaza/kit/telemetry/log";
import type { Admission } from "../../apps/gateway/admission/admission.ts";
import { createRateLimiter } from "../../apps/gateway/admission/rate-limiter.ts";
import { createSessionCache } from "../../apps/gateway/admission/session-cache.ts";
import { defaultCallTimeoutMs, maxStreamDurationMs } from "../../apps/gateway/base/limits.ts";
import { toPublicError } from "../../apps/gateway/base/public-error.ts";
import { withPublicErrors } from "../../apps/gateway/forwarding/public-errors.ts";
import { createSessionStreams } from "../../apps/gateway/forwarding/session-streams.ts";
import { createUpstreamClient } from "../../apps/gateway/forwarding/upstream-client.ts";
import { createCookie } from "../../apps/gateway/http/cookies.ts";
import { createHttpRouter } from "../../apps/gateway/http-router.ts";
import { createPortListener } from "../../apps/gateway/listener.ts";
import type { IncomingCall } from "../../apps/gateway/methods/call.ts";
import type { ExposedMethod } from "../../apps/gateway/methods/exposed-methods.ts";
import { isRead } from "../../apps/gateway/methods/idempotency-level.ts";
import { createConnectProtocol } from "../../apps/gateway/protocols/connect.ts";
import { undecodableMessage } from "../../apps/gateway/protocols/decode-errors.ts";
import { registerGrpcMethods } from "../../apps/gateway/protocols/grpc.ts";
import { conformanceService } from "./conformance-service.ts";
import { loadContract } from "./contract.ts";
import { startConformanceServer } from "./server-process.ts";

const contract = loadContract(process.argv[2] ?? "");
const log = silentLogger;
const defaultTimeoutsMs = new Set<number | undefined>([defaultCallTimeoutMs, maxStreamDurationMs]);

await startConformanceServer(contract, async ({ host }) => {
  const service = createServer({
    routes: (router) => router.service(contract.service, conformanceService(contract)),
  });
  await service.listen({ port: 0, host });
  const transport = createGrpcTransport({ address: `http://${host}:${service.port}` });
  return listenBefore(withoutDefaultDeadlines(transport), host);
});

/** The gateway's calls always have a deadline; the suite wants to see its own only. */
function withoutDefaultDeadlines(transport: Transport): Transport {
  const ownTimeout = (ms: number | undefined) => (defaultTimeoutsMs.has(ms) ? undefined : ms);
  return {
    unary: (method, signal, timeoutMs, header, input, values) =>
      transport.unary(method, signal, ownTimeout(timeoutMs), header, input, values),
    stream: (method, signal, timeoutMs, header, input, values) =>
      transport.stream(method, signal, ownTimeout(timeoutMs), header, input, values),
  };
}

/** Starts what the gateway has between its port and its services. Returns the port. */
async function listenBefore(transport: Transport, host: string): Promise<number> {
  const exposedMethods = new Map(
    contract.service.methods.map((method) => [method, exposeToAll(method, transport)]),
  );
  const upstreamClient = createUpstreamClient({
    exposedMethods,
    sessionCache: createSessionCache(() => Promise.reject(new Error("there are no sessions"))),
    sessionCookie: createCookie("session", { isSecure: false, basePath: "" }),
    responseCaches: new Map(),
    sessionStreams: createSessionStreams(async (ids) => ids),
  });
  const admissionQueue = createAdmissionQueue(createConcurrencyLimit(() => 0));
  const rpc = {
    exposedMethods,
    admit,
    // The suite compares the texts of all errors, those too that clients of the gateway do not see.
    upstream: withPublicErrors(upstreamClient, log, { masksTexts: false }),
    registerOwnServices: () => undefined,
    log,
  };
  const handle = createHttpRouter({
    exposedMethods,
    rest: { match: () => undefined, serve: unused, get: unused },
    connect: createConnectProtocol({ ...rpc, commonHeaders: {}, registry: contract.registry }),
    probes: new Map(),
    documents: new Map(),
    webApp: async () => undefined,
    basePath: "",
    pictures: unused,
    admissionQueue,
    rateLimiter: createRateLimiter({ requestsPerSecond: 0 }),
    trustedProxies: { count: 0, header: "x-forwarded-for" },
    commonHeaders: {},
    log,
  });
  const grpc = {
    routes: (router: Router) => registerGrpcMethods(router, { ...rpc, admissionQueue }),
    reject: () => undefined,
    decodeError: () => toPublicError(undecodableMessage(), log),
  };
  return createPortListener(handle, grpc, undefined).listen(0, host);
}

function exposeToAll(method: DescMethod, transport: Transport): ExposedMethod {
  return {
    method,
    transport,
    name: methodName(method),
    isPublic: true,
    isRead: isRead(method),
    isStream: method.methodKind !== "unary",
    setsSessionCookie: false,
    mayEndSessions: false,
    quotas: undefined,
    cookieField: undefined,
  };
}

/** Lets every call in, and passes its metadata on, which the gateway does not: the suite compares what services get. */
async function admit({ request }: IncomingCall): ReturnType<Admission> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (/^x-|-bin$/.test(name)) headers[name] = String(value);
  }
  return { upstreamHeaders: async () => headers, admitMessage: async () => undefined };
}

function unused(): Promise<never> {
  return Promise.reject(new Error("the suite calls RPCs only"));
}
