import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { createServer } from "../server.ts";
import { createGrpcTransport, type GrpcTransport } from "../transport.ts";

describe("interceptors", () => {
  const seen: string[] = [];
  const noting =
    (name: string): Interceptor =>
    (next) =>
    async (request) => {
      seen.push(`${name} ${request.method.name}`);
      request.header.append("x-passed", name);
      const answer = await next(request);
      seen.push(`${name} ${answer.header.get("x-answer")}`);
      return { ...answer };
    };
  const server = createServer({
    routes: (router) =>
      router.service(TestService, {
        emptyCall(_request, context) {
          context.responseHeader.set("x-answer", context.requestHeader.get("x-passed") ?? "");
          return {};
        },
        async *streamingOutputCall(_request, context) {
          context.responseHeader.set("x-answer", context.requestHeader.get("x-passed") ?? "");
          yield { payload: { body: new Uint8Array(3) } };
        },
      }),
  });
  let transport: GrpcTransport;
  before(async () => {
    await server.listen({ port: 0 });
    transport = createGrpcTransport({
      address: `http://127.0.0.1:${server.port}`,
      interceptors: [noting("outer"), noting("inner")],
    });
  });
  after(async () => {
    transport.close();
    await server.close({ graceMs: 0 });
  });

  it("wrap unary calls, the first of them outermost", async () => {
    seen.length = 0;
    let header = "";
    await createClient(TestService, transport).emptyCall(
      {},
      { onHeader: (headers) => (header = headers.get("x-answer") ?? "") },
    );
    assert.equal(header, "outer, inner");
    const through = ["outer EmptyCall", "inner EmptyCall"];
    assert.deepEqual(seen, [...through, "inner outer, inner", "outer outer, inner"]);
  });

  it("wrap streams", async () => {
    seen.length = 0;
    const sizes: (number | undefined)[] = [];
    for await (const { payload } of createClient(TestService, transport).streamingOutputCall({})) {
      sizes.push(payload?.body.length);
    }
    assert.deepEqual(sizes, [3]);
    assert.equal(seen.length, 4);
  });
});
