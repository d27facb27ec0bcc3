import { fileURLToPath } from "node:url";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { createClient, type Transport } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { EventService } from "@plaza/contract/kit/v1/events";
import type { Router } from "@plaza/grpc/calls";
import { Health, healthService } from "@plaza/grpc/health";
import { reflectionService, ServerReflection, ServerReflectionAlpha } from "@plaza/grpc/reflection";
import type { Config } from "@plaza/kit/config";
import { type AdmissionQueue, createAdmissionQueue } from "@plaza/kit/overload/admission-queue";
import type { Logger } from "@plaza/kit/telemetry/log";
import { rejectedCalls } from "@plaza/kit/telemetry/metrics";
import { createAdmission } from "./admission/admission.ts";
import { createCallQuota } from "./admission/call-quota.ts";
import { createRateLimiter } from "./admission/rate-limiter.ts";
import { createSessionCache } from "./admission/session-cache.ts";
import { createSharedRates } from "./admission/shared-rates.ts";
import {
  maxCachedPictureBytes,
  maxCallsPerNetwork,
  maxPictureBytes,
  maxStreamsPerCaller,
  pictureTimeoutMs,
} from "./base/limits.ts";
import { toPublicError } from "./base/public-error.ts";
import { createAnonymousTransport } from "./forwarding/anonymous-transport.ts";
import { invalidateOnEvents } from "./forwarding/cache-invalidation.ts";
import { withPublicErrors } from "./forwarding/public-errors.ts";
import { createResponseCaches } from "./forwarding/response-cache.ts";
import { createSessionStreams } from "./forwarding/session-streams.ts";
import { createUpstreamClient } from "./forwarding/upstream-client.ts";
import { withWriteListener } from "./forwarding/write-listener.ts";
import { createCookie } from "./http/cookies.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { createHttpRouter } from "./http-router.ts";
import { createPortListener, type GrpcHandlers } from "./listener.ts";
import { exposeMethods, withoutInternalMethods } from "./methods/exposed-methods.ts";
import { overloadedError, overloadedResponseBytes } from "./overload/overloaded-error.ts";
import { createPictureCache } from "./pictures/picture-cache.ts";
import { createPictureFetcher } from "./pictures/picture-fetcher.ts";
import { createPictureRoute } from "./pictures/picture-route.ts";
import { createConnectProtocol } from "./protocols/connect.ts";
import { undecodableMessage } from "./protocols/decode-errors.ts";
import { registerGrpcMethods } from "./protocols/grpc.ts";
import { createRestProtocol } from "./protocols/rest.ts";
import type { RpcOptions } from "./protocols/rpc-methods.ts";
import { createApiDocs } from "./site/api-docs.ts";
import { createProbes } from "./site/probes.ts";
import { createSite } from "./site/site.ts";

/** What `createGateway` takes. */
export type GatewayOptions = {
  /** Reaches the services, wherever they run; a Host of the kit is one. */
  readonly host: {
    /** With `as` calls are made in the name of that service; without it in the name of the client alone. */
    transport(contract: DescService, as?: string): Transport;
    readinessProblems(): Promise<string[]>;
  };
  /** The contracts whose public methods are exposed. */
  readonly contracts: readonly DescService[];
  readonly config: Config;
  readonly log: Logger;
  /** The folder of the built web app; by default that of apps/web. */
  readonly webDir?: string;
  /** Limits the calls in flight; created by default. */
  readonly admissionQueue?: AdmissionQueue;
  /** A monotonic clock in milliseconds, for rate limits and cached responses. */
  readonly now?: () => number;
  /** Time in which a connection must send the headers of its first request; 10 s by default. */
  readonly detectionTimeoutMs?: number;
};

/** A gateway. It listens between `listen` and `close`. */
export type Gateway = {
  /** Throws an OperatorError when it cannot listen. */
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  /** Waits up to ten seconds for calls in flight. */
  close(): Promise<void>;
};

/** The name in which the gateway makes calls of its own. */
const gatewayName = "gateway";

/** A page that would wait longer is rendered by the browser, which takes about as long on a fast device. */
const maxRenderWaitMs = 100;

/** The path of a public URL, below which everything is served; empty at the root of its host. */
function basePathOf(publicUrl: string | undefined): string {
  return publicUrl ? new URL(publicUrl).pathname.replace(/\/+$/, "") : "";
}

const builtWebDir = fileURLToPath(new URL("../web/dist/", import.meta.url));

/**
 * Creates a gateway: one port that serves REST, Connect, gRPC-Web and gRPC, the web app and the documentation.
 * Throws when REST paths of the contracts conflict or a method states no policy.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { host, config, webDir = builtWebDir, admissionQueue = createAdmissionQueue() } = options;
  const log = options.log.child({ service: gatewayName });
  const publicOrigin = config.PLAZA_PUBLIC_URL && new URL(config.PLAZA_PUBLIC_URL).origin;
  const basePath = basePathOf(config.PLAZA_PUBLIC_URL);
  const isSecure = publicOrigin?.startsWith("https:") ?? false;
  const cookieScope = { isSecure, basePath };
  const commonHeaders = securityHeaders({ isSecure });
  const sessionCookie = createCookie("plaza_session", cookieScope);
  const auth = createClient(AuthService, host.transport(AuthService, gatewayName));
  const sessionCache = createSessionCache((credential) => auth.resolveSession({ credential }));
  const requestsPerSecond = config.PLAZA_RATE_LIMIT;
  const shared = config.REDIS_URL ? createSharedRates(config.REDIS_URL, log) : undefined;
  const rateLimiter = createRateLimiter({ requestsPerSecond, shared, now: options.now });
  const trustedProxies = { count: config.PLAZA_TRUST_PROXY, header: config.PLAZA_PROXY_HEADER };
  const services = withoutInternalMethods(options.contracts);
  const transportOf = (contract: DescService) => host.transport(contract);
  const exposedMethods = exposeMethods(services, transportOf, cookieScope);
  const sessionStreams = createSessionStreams(
    async (ids) => (await auth.filterLiveSessions({ ids })).ids,
  );
  const responseCaches = createResponseCaches(services, options.now);
  const upstreamClient = createUpstreamClient({
    exposedMethods,
    sessionCache,
    sessionCookie,
    responseCaches,
    sessionStreams,
  });
  let url = config.PLAZA_PUBLIC_URL ?? "";
  const site = createSite({
    folder: webDir,
    transport: createAnonymousTransport(exposedMethods.keys(), upstreamClient),
    origin: () => new URL(url).origin,
    basePath,
    hasSession: (cookies) => sessionCookie.read(cookies) !== undefined,
    acquire: () => admissionQueue.acquire(maxRenderWaitMs),
    log,
    now: options.now,
  });
  const upstream = withWriteListener(
    withPublicErrors(upstreamClient, log),
    site.services,
    site.clear,
  );
  const admit = createAdmission({
    rateLimiter,
    streamQuota: createCallQuota(maxStreamsPerCaller, "TOO_MANY_STREAMS"),
    callQuota: createCallQuota(maxCallsPerNetwork(requestsPerSecond), "TOO_MANY_CALLS"),
    sessionCache,
    sessionCookie,
    trustedProxies,
    publicOrigin,
  });
  const closing = new AbortController();
  const problems = async () =>
    closing.signal.aborted ? ["the gateway is closing"] : host.readinessProblems();

  const rpc: RpcOptions = {
    exposedMethods,
    admit,
    upstream,
    log,
    registerOwnServices(router) {
      const reflection = [ServerReflection, ServerReflectionAlpha];
      const contracts = [...options.contracts, Health, ...reflection];
      const isServing = async () => (await problems()).length === 0;
      const health = { services: contracts, isServing, closing: closing.signal };
      router.service(Health, healthService(health));
      for (const one of reflection) router.service(one, reflectionService(contracts));
    },
  };
  const rest = createRestProtocol({ services, admit, upstream, commonHeaders, log });
  const fetchPicture = createPictureFetcher({
    trustedHosts: new Set(config.PLAZA_PICTURE_HOSTS ?? []),
    maxBytes: maxPictureBytes,
    timeoutMs: pictureTimeoutMs,
  });
  const pictures = createPictureRoute({
    loadPicture:
      config.PLAZA_PICTURES === "on"
        ? createPictureCache({ fetchPicture, maxBytes: maxCachedPictureBytes, log })
        : undefined,
    admit,
    findGet(path) {
      const found = rest.match("GET", path);
      return found && "method" in found ? found.method : undefined;
    },
    get: rest.get,
  });
  const httpRouter = createHttpRouter({
    exposedMethods,
    rest,
    pictures,
    connect: createConnectProtocol({ ...rpc, commonHeaders }),
    probes: createProbes(problems, log),
    documents: createApiDocs(services, {
      publicUrl: config.PLAZA_PUBLIC_URL,
      cookieName: sessionCookie.name,
      basePath,
    }),
    webApp: site.get,
    basePath,
    admissionQueue,
    rateLimiter,
    trustedProxies,
    commonHeaders,
    log,
  });
  const grpc = {
    routes: (router: Router) => registerGrpcMethods(router, { ...rpc, admissionQueue }),
    reject(method: DescMethod) {
      if (!exposedMethods.has(method) || !admissionQueue.isOverloaded()) return undefined;
      rejectedCalls.inc();
      return overloadedError;
    },
    decodeError: () => toPublicError(undecodableMessage(), log),
  } satisfies GrpcHandlers;
  const shedderOptions =
    config.PLAZA_EARLY_REJECTION === "on"
      ? { admissionQueue, overloadedResponse: overloadedResponseBytes(commonHeaders) }
      : undefined;
  const listener = createPortListener(httpRouter, grpc, shedderOptions, options.detectionTimeoutMs);

  return {
    async listen() {
      for (const contract of options.contracts) {
        const cache = responseCaches.get(contract.typeName);
        const isShown = site.services.has(contract.typeName);
        if (!cache && !isShown) continue;
        const events = createClient(EventService, host.transport(contract, gatewayName));
        const clear = () => {
          cache?.clear();
          if (isShown) site.clear();
        };
        void invalidateOnEvents(clear, contract, events, log, closing.signal);
      }
      const port = await listener.listen(config.PLAZA_PORT, config.PLAZA_HOST);
      url ||= `http://localhost:${port}`;
      return { url, port };
    },
    async close() {
      closing.abort();
      sessionStreams.close();
      await listener.close();
      await shared?.close();
    },
  };
}
