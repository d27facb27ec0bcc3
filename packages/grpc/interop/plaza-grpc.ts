import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { createServer } from "../server.ts";
import { createGrpcTransport } from "../transport.ts";
import { type Stack, transportCaller } from "./implementation.ts";
import { createTestHost } from "./interop-service.ts";

/** This package. */
export const ours: Stack = {
  name: "ours",
  skip: false,
  serverLacks: {},
  async serve() {
    const traits = { choosesEach: false, seesEncoding: false };
    const { routes, running } = createTestHost(traits);
    const server = createServer({
      routes: (router) => router.service(TestService, routes),
      compressMinBytes: 1024,
    });
    await server.listen({ port: 0, host: "127.0.0.1" });
    return { port: server.port, traits, running, close: () => server.close({ graceMs: 0 }) };
  },
  async connect(port, server) {
    const address = `http://127.0.0.1:${port}`;
    const plain = createGrpcTransport({ address });
    const gzip = createGrpcTransport({ address, compressMinBytes: 1024 });
    return transportCaller({
      plain,
      gzip,
      client: { choosesEach: false, declines: false },
      server,
      close: () => {
        plain.close();
        gzip.close();
      },
    });
  },
};
