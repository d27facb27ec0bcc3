import { PostService } from "@plaza/contract/posts/v1/posts";
import { TestService } from "@plaza/grpc/gen/grpc/testing/test_pb";
import { createServer } from "@plaza/grpc/server";
import { echo, payload, post } from "./responses.ts";

const server = createServer({
  limits: { maxConcurrentStreams: 20_000 },
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
await server.listen({ port: 0 });
console.log(server.port);
