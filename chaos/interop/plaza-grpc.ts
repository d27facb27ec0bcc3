import { createServer } from "@plaza/grpc/server";
import { EchoService } from "@plaza/grpc/testing";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { echoService } from "./echo-service.ts";
import type { EchoSettings, EchoStack } from "./echo-stack.ts";

/** @plaza/grpc. */
export const plazaGrpc: EchoStack = {
  async serve(settings) {
    const server = createServer({
      routes: (router) => router.service(EchoService, echoService),
      compressMinBytes: 1024,
      limits: limitsOf(settings),
    });
    await server.listen({ port: 0 });
    return server.port;
  },
  connect: (port, settings, gzip) =>
    createGrpcTransport({
      address: `http://127.0.0.1:${port}`,
      limits: limitsOf(settings),
      ...(gzip && { compressMinBytes: 1 }),
    }),
};

function limitsOf({ maxStreams, maxAgeMs, keepaliveMs }: EchoSettings) {
  return {
    ...(maxStreams !== undefined && { maxConcurrentStreams: maxStreams }),
    ...(maxAgeMs !== undefined && { maxAgeMs }),
    ...(keepaliveMs !== undefined && { keepaliveIntervalMs: keepaliveMs }),
  };
}
