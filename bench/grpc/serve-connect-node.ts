import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { TestService } from "@plaza/grpc/testing";
import { echoResponse, payloadOf, samplePost } from "./responses.ts";

const handler = connectNodeAdapter({
  connect: false,
  grpcWeb: false,
  routes(router) {
    router.service(PostService, { getPost: () => samplePost });
    router.service(TestService, {
      unaryCall: ({ responseSize }) => ({ payload: payloadOf(responseSize) }),
      async *fullDuplexCall(requests) {
        for await (const request of requests) yield echoResponse(request);
      },
    });
  },
});
const server = createServer({ settings: { maxConcurrentStreams: 20_000 } }, handler);
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
