import { after, before, describe, it } from "node:test";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { createServer } from "../server.ts";
import { runServerCase, serverCases } from "./server-suite.ts";

describe("the server", () => {
  const server = createServer({
    routes: (router) => router.service(TestService, { emptyCall: () => ({}) }),
  });
  before(() => server.listen({ port: 0, host: "127.0.0.1" }));
  after(() => server.close());

  for (const serverCase of serverCases) {
    it(`${serverCase.must} (${serverCase.id})`, () => runServerCase(serverCase, server.port));
  }
});
