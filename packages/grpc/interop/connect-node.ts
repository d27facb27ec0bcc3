import { once } from "node:events";
import { createServer, type Http2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import {
  compressionGzip,
  connectNodeAdapter,
  createGrpcTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { createCaseRunner, type GrpcImplementation } from "./implementation.ts";
import { createInteropHost } from "./interop-service.ts";

/** Connect's own server and client, over node:http2. */
export const connectNodeImplementation: GrpcImplementation = {
  name: "connect-node",
  skip: false,
  unsupportedServerCases: {},
  async serve() {
    const { routes, runningCalls } = createInteropHost({ checksCompression: true });
    const handle = connectNodeAdapter({
      routes: (router: ConnectRouter) => {
        router.service(TestService, routes);
      },
      acceptCompression: [compressionGzip],
    });
    const server = createServer(handle);
    const sessions = new Set<Http2Session>();
    server.on("session", (session) => sessions.add(session));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
      port: (server.address() as AddressInfo).port,
      traits: { compressesPerMessage: false, checksCompression: true },
      runningCalls,
      close: async () => {
        for (const session of sessions) session.destroy();
        server.close();
        await once(server, "close");
      },
    };
  },
  async connect(port, server) {
    const baseUrl = `http://127.0.0.1:${port}`;
    const sessionManager = new Http2SessionManager(baseUrl);
    const shared = { baseUrl, sessionManager };
    return createCaseRunner({
      plain: createGrpcTransport({ ...shared, acceptCompression: [] }),
      gzip: createGrpcTransport({
        ...shared,
        acceptCompression: [compressionGzip],
        sendCompression: compressionGzip,
      }),
      client: { compressesPerMessage: false, canDeclineCompression: true },
      server,
      close: () => sessionManager.abort(),
    });
  },
};
