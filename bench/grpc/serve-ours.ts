import { PostService } from "@plaza/contract/posts/v1/posts";
import { createServer } from "@plaza/grpc/server";
import { TestService } from "@plaza/grpc/testing";
import { echoResponse, payloadOf, samplePost } from "./responses.ts";

const server = createServer({
  limits: { maxConcurrentStreams: 20_000 },
  routes(router) {
    router.service(PostService, { getPost: () => samplePost });
    router.service(TestService, {
      unaryCall: ({ responseSize }) => ({ payload: payloadOf(responseSize) }),
      async streamingInputCall(requests) {
        for await (const _ of requests);
        return {};
      },
      async *fullDuplexCall(requests) {
        for await (const request of requests) yield echoResponse(request);
      },
    });
  },
});
await server.listen({ port: 0 });
console.log(`http://127.0.0.1:${server.port}`);
