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
import { type Stack, transportCaller } from "./implementation.ts";
import { createTestHost } from "./interop-service.ts";

/** Connect's own server and client, over node:http2. */
export const connectNode: Stack = {
  name: "connect-node",
  skip: false,
  serverLacks: {},
  async serve() {
    const { routes, running } = createTestHost({ seesEncoding: true });
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
      traits: { choosesEach: false, seesEncoding: true },
      running,
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
    return transportCaller({
      plain: createGrpcTransport({ ...shared, acceptCompression: [] }),
      gzip: createGrpcTransport({
        ...shared,
        acceptCompression: [compressionGzip],
        sendCompression: compressionGzip,
      }),
      client: { choosesEach: false, declines: true },
      server,
      close: () => sessionManager.abort(),
    });
  },
};
