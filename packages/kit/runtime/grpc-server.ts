import { EventService } from "@plaza/contract/kit/v1/events";
import { Health, healthService } from "@plaza/grpc/health";
import { reflectionService, ServerReflection, ServerReflectionAlpha } from "@plaza/grpc/reflection";
import { createServer, type ListenOptions } from "@plaza/grpc/server";
import type { TlsCredentials } from "../identity/tls-files.ts";
import { createCallLimiter } from "../overload/call-limiter.ts";
import type { Host } from "./host.ts";

/** The address to listen on, and TLS credentials for new connections; without them, cleartext. */
export type GrpcServerOptions = ListenOptions & {
  readonly tls?: (() => TlsCredentials) | undefined;
};

/** The part of a host that is served. */
export type ServableHost = Pick<
  Host,
  "contracts" | "readinessProblems" | "routes" | "closeStreams"
>;

/** A server for calls from other processes. */
export type GrpcServer = {
  readonly port: number;
  /** Refuses new calls, waits up to ten seconds for those in flight, then closes the connections. */
  close(): Promise<void>;
};

/**
 * Serves the services of a host to other processes over gRPC, with health and reflection. With TLS, clients
 * need a certificate of a trusted authority. Port 0 picks a free one. Rejects when it cannot listen.
 */
export async function serveGrpc(
  host: ServableHost,
  { tls, ...listen }: GrpcServerOptions,
): Promise<GrpcServer> {
  const reflection = [ServerReflection, ServerReflectionAlpha];
  const services = [...host.contracts, EventService, Health, ...reflection];
  const closing = new AbortController();
  const limiter = createCallLimiter();
  const isServing = async () => (await host.readinessProblems()).length === 0;
  const server = createServer({
    ...(tls && { tls }),
    reject: limiter.reject,
    routes(router) {
      limiter.limit(router, host.routes);
      const health = { services: host.contracts, isServing, closing: closing.signal };
      router.service(Health, healthService(health));
      for (const one of reflection) router.service(one, reflectionService(services));
    },
  });
  await server.listen(listen);
  return {
    port: server.port,
    close() {
      closing.abort();
      host.closeStreams();
      return server.close();
    },
  };
}
