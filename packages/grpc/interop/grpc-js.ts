import {
  Client,
  type ClientOptions,
  compressionAlgorithms,
  credentials,
  InterceptingCall,
  type Interceptor,
} from "@grpc/grpc-js";
import { serveGrpcJs } from "./grpc-js-server.ts";
import { createGrpcJsTransport } from "./grpc-js-transport.ts";
import { createCaseRunner, type GrpcImplementation } from "./implementation.ts";

/** The flag of gRPC's core for a message that is not to be compressed; grpc-js does not export it. */
const noCompressFlag = 2;

const noCompressionReason = "grpc-js's server does not compress replies";

/** Google's gRPC for Node, over node:http2. */
export const grpcJsImplementation: GrpcImplementation = {
  name: "grpc-js",
  skip: false,
  unsupportedServerCases: {
    server_compressed_unary: noCompressionReason,
    server_compressed_streaming: noCompressionReason,
  },
  serve: serveGrpcJs,
  async connect(port, server) {
    const clients: Client[] = [];
    const transport = (options: ClientOptions) => {
      const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options);
      clients.push(client);
      return createGrpcJsTransport(client);
    };
    return createCaseRunner({
      plain: transport({}),
      gzip: transport({
        "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
        interceptors: [compressAsRequested],
      }),
      client: { compressesPerMessage: true, canDeclineCompression: false },
      server,
      close: () => {
        for (const client of clients) client.close();
      },
    });
  },
};

/** Sends a request uncompressed if it says that it is. Streams write without a way to say so. */
const compressAsRequested: Interceptor = (options, nextCall) => {
  const call = new InterceptingCall(nextCall(options));
  const send = call.sendMessageWithContext.bind(call);
  call.sendMessageWithContext = (context, message: { expectCompressed?: { value: boolean } }) => {
    const flags = message.expectCompressed?.value === false ? noCompressFlag : 0;
    send({ ...context, flags }, message);
  };
  return call;
};
