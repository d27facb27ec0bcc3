import { describe, it } from "node:test";
import { createClient } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { createGrpcTransport } from "../transport.ts";
import { clientCases, runClientCase } from "./client-suite.ts";

function connect(address: string) {
  return createClient(TestService, createGrpcTransport({ address }));
}

describe("the client", () => {
  for (const clientCase of clientCases) {
    it(`${clientCase.must} (${clientCase.id})`, () => runClientCase(clientCase, connect));
  }
});
