import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Code, createClient } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { defaultConnectionLimits } from "../http2/connection-limits.ts";
import { ErrorCode, SettingId, settings } from "../testing/frames.ts";
import { REQUEST, replaceField } from "../testing/messages.ts";
import { startTestServer } from "../testing/server.ts";
import { serverAddressOf } from "../testing/server-address.ts";
import { createGrpcTransport } from "../transport.ts";
import { Channel } from "./channel.ts";

describe("a call to a server that allows no streams", () => {
  const none = settings([SettingId.MAX_CONCURRENT_STREAMS, 0]);
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

  it("ends when its caller cancels it", async () => {
    await assert.rejects(call({ signal: AbortSignal.timeout(50) }), { code: Code.Canceled });
  });

  it("does not begin when its caller has cancelled it already", async () => {
    await assert.rejects(call({ signal: AbortSignal.abort() }), { code: Code.Canceled });
  });
});

describe("a channel to a server that closes while a stream goes on", () => {
  it("is unavailable after a new connection was refused", async () => {
    const test = await startTestServer();
    const channel = new Channel({
      tls: () => ({}),
      address: serverAddressOf(test.address),
      limits: defaultConnectionLimits,
      connectTimeoutMs: 5_000,
      maxConnections: 4,
    });
    const stream = await channel.openStream(undefined, undefined);
    const path = "/grpc.testing.TestService/StreamingInputCall";
    stream.sendHeaders(replaceField(REQUEST, ":path", path).flat());
    while (test.server.connectionCount === 0) await turn();
    const closed = test.server.close();
    for (let extra = channel.tryOpenStream(); extra; extra = channel.tryOpenStream()) {
      extra.reset(ErrorCode.CANCEL);
      await turn();
    }
    await assert.rejects(channel.openStream(undefined, undefined), { code: Code.Unavailable });
    assert.equal(channel.isDown, true);
    stream.end();
    channel.close();
    await closed;
  });
});
