import { once } from "node:events";
import { createServer, type Http2Server, type ServerOptions } from "node:http2";
import type { AddressInfo } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Health } from "@plaza/contract/grpc/health/v1/health";
import { ServerReflection } from "@plaza/contract/grpc/reflection/v1/reflection";
import { EventService } from "@plaza/contract/kit/v1/events";
import { type HealthSource, healthService } from "./health.ts";
import { drainer } from "./http2-drain.ts";
import { endUnreadStreams } from "./http2-unread.ts";
import { reflectionService } from "./reflection.ts";

/** What is served: the services of a host. */
export type Served = HealthSource & { routes(router: ConnectRouter): void };

/** A server that takes calls from other processes. */
export type GrpcServer = {
  readonly port: number;
  /** Takes no new calls, lets those in flight end for up to ten seconds, and cuts the rest. */
  close(): Promise<void>;
};

const maxMessageBytes = 4 * 1024 * 1024;
const maxTimeoutMs = 10 * 60_000;
const idleSessionMs = 10 * 60_000;
const graceMs = 10_000;

const limits: ServerOptions = {
  settings: { maxConcurrentStreams: 1_000, maxHeaderListSize: 16 * 1024, enablePush: false },
  maxHeaderListPairs: 100,
  maxOutstandingPings: 10,
  maxSettings: 32,
  maxSessionMemory: 64,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  unknownProtocolTimeout: 10_000,
};

/**
 * Serves a host's services to other processes: gRPC over cleartext HTTP/2, with health and reflection
 * beside them. Port 0 takes any free one. Rejects when the port cannot be had.
 */
export async function serveGrpc(
  served: Served,
  listen: { readonly port: number; readonly host: string },
): Promise<GrpcServer> {
  const { contracts } = served;
  const closing = new AbortController();
  const handle = connectNodeAdapter({
    connect: false,
    grpcWeb: false,
    readMaxBytes: maxMessageBytes,
    writeMaxBytes: maxMessageBytes,
    maxTimeoutMs,
    routes(router) {
      served.routes(router);
      router.service(Health, healthService({ ...served, closing: closing.signal }));
      router.service(
        ServerReflection,
        reflectionService([...contracts, EventService, Health, ServerReflection]),
      );
    },
  });
  const server = createServer(limits, (request, response) => {
    try {
      handle(request, response);
    } catch {
      // The adapter throws on an :authority that makes no URL.
      response.writeHead(400).end();
    }
  });
  server.on("session", (session) => session.setTimeout(idleSessionMs, () => session.close()));
  endUnreadStreams(server);
  const drain = drainer(server);
  server.listen(listen.port, listen.host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      closing.abort();
      return close(server, drain);
    },
  };
}

async function close(server: Http2Server, drain: ReturnType<typeof drainer>): Promise<void> {
  const closed = once(server, "close");
  server.close();
  await drain(graceMs);
  await closed;
}
