import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { Code, createClient } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { Setting, settings } from "../testing/frames.ts";
import { createGrpcTransport } from "../transport.ts";

describe("a call to a server that lets nobody open a stream", () => {
  const none = settings([Setting.MAX_CONCURRENT_STREAMS, 0]);
  const server = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .resume()
      .write(none);
  });
  before(() => once(server.listen(0, "127.0.0.1"), "listening"));
  after(() => server.close());

  function call(options: { readonly timeoutMs?: number; readonly signal?: AbortSignal }) {
    const { port } = server.address() as AddressInfo;
    const transport = createGrpcTransport({ address: `http://127.0.0.1:${port}` });
    const answer = createClient(TestService, transport).emptyCall({}, options);
    return answer.finally(() => transport.close());
  }

  it("ends at its deadline", async () => {
    await assert.rejects(call({ timeoutMs: 50 }), { code: Code.DeadlineExceeded });
  });

  it("ends when its caller gives up", async () => {
    await assert.rejects(call({ signal: AbortSignal.timeout(50) }), { code: Code.Canceled });
  });

  it("does not begin when its caller has given up already", async () => {
    await assert.rejects(call({ signal: AbortSignal.abort() }), { code: Code.Canceled });
  });
});
