import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { createServer } from "../server.ts";
import { createGrpcTransport } from "../transport.ts";
import { createCaseRunner, type GrpcImplementation } from "./implementation.ts";
import { createInteropHost } from "./interop-service.ts";

/** This package. */
export const plazaImplementation: GrpcImplementation = {
  name: "ours",
  skip: false,
  unsupportedServerCases: {},
  async serve() {
    const traits = { compressesPerMessage: false, checksCompression: false };
    const { routes, runningCalls } = createInteropHost(traits);
    const server = createServer({
      routes: (router) => router.service(TestService, routes),
      compressMinBytes: 1024,
    });
    await server.listen({ port: 0, host: "127.0.0.1" });
    return { port: server.port, traits, runningCalls, close: () => server.close({ graceMs: 0 }) };
  },
  async connect(port, server) {
    const address = `http://127.0.0.1:${port}`;
    const plain = createGrpcTransport({ address });
    const gzip = createGrpcTransport({ address, compressMinBytes: 1024 });
    return createCaseRunner({
      plain,
      gzip,
      client: { compressesPerMessage: false, canDeclineCompression: false },
      server,
      close: () => {
        plain.close();
        gzip.close();
      },
    });
  },
};
