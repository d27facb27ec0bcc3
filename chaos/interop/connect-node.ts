import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { compressionGzip, connectNodeAdapter, createGrpcTransport } from "@connectrpc/connect-node";
import { EchoService } from "@plaza/grpc/testing";
import { echoService } from "./echo-service.ts";
import type { EchoStack } from "./echo-stack.ts";

/** Connect's own server and client, over node:http2. It can neither limit a connection's age nor ping as a server. */
export const connectNode: EchoStack = {
  async serve({ maxStreams }) {
    const server = createServer(
      { settings: { ...(maxStreams !== undefined && { maxConcurrentStreams: maxStreams }) } },
      connectNodeAdapter({ routes: (router) => router.service(EchoService, echoService) }),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  },
  connect: (port, { keepaliveMs }, gzip) =>
    createGrpcTransport({
      baseUrl: `http://127.0.0.1:${port}`,
      ...(keepaliveMs !== undefined && { pingIntervalMs: keepaliveMs }),
      ...(gzip && { sendCompression: compressionGzip }),
    }),
};
