// The client of @plaza/grpc under the Connect conformance suite: `node grpc-client.ts <descriptors>`.
import { createGrpcTransport } from "@plaza/grpc/transport";
import { runCalls } from "./client-process.ts";
import { type ClientRequest, loadContract } from "./contract.ts";

const gzip = 2;

await runCalls(loadContract(process.argv[2] ?? ""), (request: ClientRequest) => {
  const isTls = request.serverTlsCert.length > 0;
  const { clientTlsCreds } = request;
  return createGrpcTransport({
    address: `${isTls ? "https" : "http"}://${request.host}:${request.port}`,
    ...(request.compression === gzip && { compressMinBytes: 1 }),
    ...(request.messageReceiveLimit > 0 && { maxMessageBytes: request.messageReceiveLimit }),
    ...(isTls && {
      tls: {
        ca: Buffer.from(request.serverTlsCert),
        ...(clientTlsCreds && {
          cert: Buffer.from(clientTlsCreds.cert),
          key: Buffer.from(clientTlsCreds.key),
        }),
      },
    }),
  });
});
