import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { TestService } from "@plaza/grpc/gen/grpc/testing/test_pb";
import { echo, payload, post } from "./responses.ts";

const handler = connectNodeAdapter({
  connect: false,
  grpcWeb: false,
  routes(router) {
    router.service(PostService, { getPost: () => post });
    router.service(TestService, {
      unaryCall: ({ responseSize }) => ({ payload: payload(responseSize) }),
      async *fullDuplexCall(requests) {
        for await (const request of requests) yield echo(request);
      },
    });
  },
});
const server = createServer({ settings: { maxConcurrentStreams: 20_000 } }, handler);
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
