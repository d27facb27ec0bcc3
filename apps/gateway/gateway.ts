import { fileURLToPath } from "node:url";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { createClient, type Transport } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { EventService } from "@plaza/contract/kit/v1/events";
import type { Router } from "@plaza/grpc/calls/routes";
import { Health } from "@plaza/grpc/gen/grpc/health/v1/health_pb";
import { ServerReflection } from "@plaza/grpc/gen/grpc/reflection/v1/reflection_pb";
import { healthService } from "@plaza/grpc/health";
import { reflectionService } from "@plaza/grpc/reflection";
import type { Config } from "@plaza/kit/config";
import type { Logger } from "@plaza/kit/telemetry/log";
import { createAdmission } from "./admission/admission.ts";
import { createRateLimit } from "./admission/rate-limiter.ts";
import { createCredentials } from "./admission/session-cache.ts";
import { createStreamQuota } from "./admission/stream-quota.ts";
import { shedCalls } from "./base/metrics.ts";
import { refusalFor } from "./base/public-error.ts";
import { createCaches, followFor } from "./forwarding/cache-invalidation.ts";
import { createOpenStreams } from "./forwarding/session-streams.ts";
import { createForward } from "./forwarding/upstream-client.ts";
import { cookieNamed } from "./http/cookies.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { createEdge } from "./http-router.ts";
import { createListener, type GrpcHandlers } from "./listener.ts";
import { outsideView, surfaceOf } from "./methods/exposed-methods.ts";
import { createLoad, type Load } from "./overload/admission-queue.ts";
import { overloaded, overloadedBytes } from "./overload/overloaded-error.ts";
import { createRpcRoute } from "./protocols/connect.ts";
import { unreadable } from "./protocols/decode-errors.ts";
import { routeGrpc } from "./protocols/grpc.ts";
import { createRestRoute } from "./protocols/rest.ts";
import type { RpcOptions } from "./protocols/rpc-methods.ts";
import { docs } from "./site/api-docs.ts";
import { probes } from "./site/probes.ts";
import { openWebApp } from "./site/web-app.ts";

/** What a gateway takes. */
export type GatewayOptions = {
  /** The way to the services, wherever they run; a Host of the kit is one. */
  readonly host: {
    /** With a name the calls are that service's own; without one they are those of people outside. */
    transport(contract: DescService, as?: string): Transport;
    readinessProblems(): Promise<string[]>;
  };
  /** The contracts that are offered to the outside. */
  readonly contracts: readonly DescService[];
  readonly config: Config;
  readonly log: Logger;
  /** The folder of the built web app; that of apps/web unless given. */
  readonly webDir?: string;
  /** What says whether there are too many calls; made unless given. */
  readonly load?: Load;
};

/** The edge, not yet or no longer listening when it is made or closed. */
export type Gateway = {
  /** Throws a StartError when the port cannot be had. */
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  /** Lets what is in flight end, for up to ten seconds. */
  close(): Promise<void>;
};

/** The name under which the edge makes calls of its own. */
const gatewayName = "gateway";

const builtApp = fileURLToPath(new URL("../web/dist/", import.meta.url));

/**
 * Makes the edge: one port that takes REST, Connect, gRPC-Web and gRPC, and serves the web app and the
 * documentation. Throws when the contracts do not fit together or a method states no policy.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { host, config, webDir = builtApp, load = createLoad(overloaded) } = options;
  const log = options.log.child({ unit: gatewayName });
  const publicOrigin = config.PLAZA_PUBLIC_URL && new URL(config.PLAZA_PUBLIC_URL).origin;
  const isSecure = publicOrigin?.startsWith("https:") ?? false;
  const common = securityHeaders(isSecure);
  const cookie = cookieNamed("plaza_session", isSecure);
  const auth = createClient(AuthService, host.transport(AuthService, gatewayName));
  const credentials = createCredentials((credential) => auth.resolveSession({ credential }));
  const rateLimit = createRateLimit(config.PLAZA_RATE_LIMIT);
  const trustedProxies = config.PLAZA_TRUST_PROXY;
  const services = outsideView(options.contracts);
  const surface = surfaceOf(services, (contract) => host.transport(contract), isSecure);
  const streams = createOpenStreams(async (ids) => (await auth.filterLiveSessions({ ids })).ids);
  const caches = createCaches(services);
  const forward = createForward({ surface, credentials, cookie, caches, streams });
  const admit = createAdmission({
    rateLimit,
    streamQuota: createStreamQuota(),
    credentials,
    cookie,
    trustedProxies,
    publicOrigin,
  });
  const closing = new AbortController();
  const problems = async () =>
    closing.signal.aborted ? ["the gateway is closing"] : host.readinessProblems();

  const rpc: RpcOptions = {
    surface,
    admit,
    forward,
    log,
    own(router) {
      const all = [...options.contracts, Health, ServerReflection];
      const isServing = async () => (await problems()).length === 0;
      const health = { services: all, isServing, closing: closing.signal };
      router.service(Health, healthService(health));
      router.service(ServerReflection, reflectionService(all));
    },
  };
  const edge = createEdge({
    surface,
    rest: createRestRoute({ services, admit, forward, common, log }),
    rpc: createRpcRoute({ ...rpc, common }),
    probes: probes(problems, log),
    documents: docs(services, { publicUrl: config.PLAZA_PUBLIC_URL, cookieName: cookie.name }),
    webApp: openWebApp(webDir),
    load,
    rateLimit,
    trustedProxies,
    common,
    log,
  });
  const grpc = {
    routes: (router: Router) => routeGrpc(router, { ...rpc, load }),
    reject(method: DescMethod) {
      if (!surface.has(method) || !load.isOverloaded()) return undefined;
      shedCalls.inc();
      return overloaded;
    },
    decodeError: () => refusalFor(unreadable(), log),
  } satisfies GrpcHandlers;
  const refusal = overloadedBytes(common);
  const lastRefusal = overloadedBytes({ ...common, connection: "close" });
  const listener = createListener(edge, grpc, { load, refusal, lastRefusal });

  return {
    async listen() {
      for (const contract of options.contracts) {
        const cache = caches.get(contract.typeName);
        const events = createClient(EventService, host.transport(contract, gatewayName));
        if (cache) void followFor(cache, contract, events, log, closing.signal);
      }
      const port = await listener.listen(config.PLAZA_PORT, config.PLAZA_HOST);
      return { url: config.PLAZA_PUBLIC_URL ?? `http://localhost:${port}`, port };
    },
    close() {
      closing.abort();
      streams.close();
      return listener.close();
    },
  };
}
