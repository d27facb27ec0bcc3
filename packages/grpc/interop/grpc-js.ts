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
import { type Stack, transportCaller } from "./implementation.ts";

/** The flag of gRPC's core for a message that is not to be compressed; grpc-js does not export it. */
const noCompress = 2;

const sendsPlain = "grpc-js's server does not compress replies";

/** Google's gRPC for Node, over node:http2. */
export const grpcJs: Stack = {
  name: "grpc-js",
  skip: false,
  serverLacks: { server_compressed_unary: sendsPlain, server_compressed_streaming: sendsPlain },
  serve: serveGrpcJs,
  async connect(port, server) {
    const clients: Client[] = [];
    const transport = (options: ClientOptions) => {
      const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options);
      clients.push(client);
      return createGrpcJsTransport(client);
    };
    return transportCaller({
      plain: transport({}),
      gzip: transport({
        "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
        interceptors: [compressedAsAsked],
      }),
      client: { choosesEach: true, declines: false },
      server,
      close: () => {
        for (const client of clients) client.close();
      },
    });
  },
};

/** Sends a request uncompressed if it says that it is. Streams write without a way to say so. */
const compressedAsAsked: Interceptor = (options, nextCall) => {
  const call = new InterceptingCall(nextCall(options));
  const send = call.sendMessageWithContext.bind(call);
  call.sendMessageWithContext = (context, message: { expectCompressed?: { value: boolean } }) => {
    const flags = message.expectCompressed?.value === false ? noCompress : 0;
    send({ ...context, flags }, message);
  };
  return call;
};
