import { EventService } from "@plaza/contract/kit/v1/events";
import { Health, healthService } from "@plaza/grpc/health";
import { reflectionService, ServerReflection } from "@plaza/grpc/reflection";
import { createServer, type ListenOptions } from "@plaza/grpc/server";
import type { TlsCredentials } from "../identity/tls-files.ts";
import type { Host } from "./host.ts";

/** Where to listen, and with which certificates, for each connection; without, in cleartext. */
export type GrpcServerOptions = ListenOptions & {
  readonly tls?: (() => TlsCredentials) | undefined;
};

/** What is served: the services of a host. */
export type ServableHost = Pick<
  Host,
  "contracts" | "readinessProblems" | "routes" | "closeStreams"
>;

/** A server that takes calls from other processes. */
export type GrpcServer = {
  readonly port: number;
  /** Takes no new calls, lets those in flight end for up to ten seconds, and cuts the rest. */
  close(): Promise<void>;
};

/**
 * Serves a host's services to other processes: gRPC, with health and reflection beside them. With a
 * certificate only those are let in who have one of the same authority. Port 0 takes any free one.
 * Rejects when the port cannot be had.
 */
export async function serveGrpc(
  served: ServableHost,
  { tls, ...listen }: GrpcServerOptions,
): Promise<GrpcServer> {
  const services = [...served.contracts, EventService, Health, ServerReflection];
  const closing = new AbortController();
  const isServing = async () => (await served.readinessProblems()).length === 0;
  const server = createServer({
    ...(tls && { tls }),
    routes(router) {
      served.routes(router);
      const health = { services: served.contracts, isServing, closing: closing.signal };
      router.service(Health, healthService(health));
      router.service(ServerReflection, reflectionService(services));
    },
  });
  await server.listen(listen);
  return {
    port: server.port,
    close() {
      closing.abort();
      served.closeStreams();
      return server.close();
    },
  };
}
