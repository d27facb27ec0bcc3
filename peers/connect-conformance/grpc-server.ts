// The server of @plaza/grpc that the Connect conformance suite calls: `node grpc-server.ts <descriptors>`.
import { createServer } from "@plaza/grpc/server";
import { conformanceService } from "./conformance-service.ts";
import { loadContract } from "./contract.ts";
import { startConformanceServer } from "./server-process.ts";

const contract = loadContract(process.argv[2] ?? "");
await startConformanceServer(contract, async ({ host, tls, messageReceiveLimit }) => {
  const server = createServer({
    routes: (router) => router.service(contract.service, conformanceService(contract)),
    compressMinBytes: 1,
    ...(messageReceiveLimit > 0 && { maxRequestBytes: messageReceiveLimit }),
    ...(tls && { tls }),
  });
  await server.listen({ port: 0, host });
  return server.port;
});
