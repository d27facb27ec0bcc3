import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { createServer, type Server } from "../server.ts";
import { createTestClient, startTestServer } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";
import { createGrpcTransport } from "../transport.ts";

/** A server whose calls take a while. */
async function start(port = 0): Promise<Server> {
  const server = createServer({
    routes: (router) =>
      router.service(TestService, {
        emptyCall: () => sleep(2, {}),
        async *streamingOutputCall({ responseParameters }) {
          for (const { size } of responseParameters) {
            await sleep(10);
            yield { payload: { body: new Uint8Array(size) } };
          }
        },
        async streamingInputCall(requests) {
          let aggregatedPayloadSize = 0;
          for await (const { payload } of requests) {
            aggregatedPayloadSize += payload?.body.length ?? 0;
          }
          return { aggregatedPayloadSize };
        },
      }),
  });
  await server.listen({ port });
  return server;
}

const addressOf = ({ port }: Server): string => `http://127.0.0.1:${port}`;

async function* slowly(count: number) {
  for (let n = 0; n < count; n++) {
    await sleep(10);
    yield { payload: { body: new Uint8Array(100) } };
  }
}

describe("a server that closes", () => {
  it("waits without limit, and for longer than a timer can be set", async () => {
    for (const graceMs of [Number.POSITIVE_INFINITY, 2 ** 31]) {
      const server = await start();
      const address = addressOf(server);
      const transport = createGrpcTransport({ address, connectTimeoutMs: graceMs });
      const client = createClient(TestService, transport);
      const responseParameters = Array.from({ length: 5 }, () => ({ size: 1 }));
      const messages = client.streamingOutputCall({ responseParameters })[Symbol.asyncIterator]();
      await messages.next();
      const closed = server.close({ graceMs });
      let count = 1;
      while (!(await messages.next()).done) count++;
      assert.equal(count, 5);
      await closed;
      transport.close();
    }
  });

  it("completes 200 calls and streams, while new calls go to another server", async () => {
    const [closing, other] = [await start(), await start()];
    const addresses = [closing, other].map(addressOf);
    const first = createTestClient(addressOf(closing));
    await first.emptyCall({});
    const streams = Array.from({ length: 100 }, async () => {
      let bytes = 0;
      const responseParameters = Array.from({ length: 20 }, () => ({ size: 100 }));
      for await (const { payload } of first.streamingOutputCall({ responseParameters })) {
        bytes += payload?.body.length ?? 0;
      }
      return bytes;
    });
    const uploads = Array.from({ length: 100 }, async () => {
      const { aggregatedPayloadSize } = await first.streamingInputCall(slowly(20));
      return aggregatedPayloadSize;
    });
    await sleep(50);
    const closed = closing.close();
    const both = createTestClient(addresses);
    await Promise.all(Array.from({ length: 100 }, () => both.emptyCall({})));
    assert.deepEqual(new Set(await Promise.all([...streams, ...uploads])), new Set([2_000]));
    await closed;
    assert.equal(closing.connectionCount, 0);
    for (const { transport } of [first, both]) transport.close();
    await other.close();
    assertNoUncaughtErrors();
  });

  it("gets no more calls from a client whose streams on it go on", async () => {
    const servers = await Promise.all([start(), start()]);
    const [closing, other] = servers;
    const client = createTestClient(servers.map(addressOf));
    const ends = [1, 2].map(() => Promise.withResolvers<void>());
    // One on each server.
    const uploads = ends.map(({ promise }) =>
      client.streamingInputCall(
        (async function* () {
          yield {};
          await promise;
        })(),
      ),
    );
    while (servers.some(({ connectionCount }) => connectionCount === 0)) await sleep(1);
    await Promise.all(Array.from({ length: 10 }, () => client.emptyCall({})));
    const closed = closing.close();
    for (let n = 0; n < 20; n++) await client.emptyCall({}, { timeoutMs: 5_000 });
    assert.equal(closing.connectionCount, 1, "the stream goes on");
    for (const { resolve } of ends) resolve();
    await Promise.all([...uploads, closed]);
    client.transport.close();
    await other.close();
    assertNoUncaughtErrors();
  });

  it("fails no call of 5,000 in five rolling restarts of two servers", async () => {
    let servers = await Promise.all([start(), start()]);
    const client = createTestClient(servers.map(addressOf));
    const failures: string[] = [];
    let left = 5_000;
    let areRestarted = false;
    const worker = async () => {
      while (left > 0 || !areRestarted) {
        left -= 1;
        await client.emptyCall({}).catch((error) => failures.push(String(error)));
      }
    };
    const workers = Array.from({ length: 32 }, worker);
    for (let round = 0; round < 5; round++) {
      const at = round % 2;
      const closing = servers[at] as Server;
      const { port } = closing;
      await sleep(60);
      await closing.close();
      await sleep(20);
      const started = await start(port);
      servers = servers.map((server, n) => (n === at ? started : server)) as [Server, Server];
    }
    areRestarted = true;
    await Promise.all(workers);
    assert.deepEqual(failures, []);
    client.transport.close();
    await Promise.all(servers.map((server) => server.close()));
    assertNoUncaughtErrors();
  });

  it("aborts what has not ended after its grace period", async () => {
    const test = await startTestServer({}, { emptyCall: () => new Promise(() => undefined) });
    const client = createTestClient(test.address);
    const call = client.emptyCall({});
    const code = call.then(
      () => undefined,
      (error) => ConnectError.from(error).code,
    );
    await sleep(50);
    const begin = performance.now();
    await test.server.close({ graceMs: 100 });
    assert.ok(performance.now() - begin < 1_000);
    assert.equal(await code, Code.Unavailable);
    client.transport.close();
    assertNoUncaughtErrors();
  });

  it("does not wait for TLS clients that send nothing", async () => {
    const server = createServer({
      routes: () => undefined,
      tls: {},
      limits: { handshakeTimeoutMs: 100 },
    });
    await server.listen({ port: 0 });
    const socket = connect(server.port, "127.0.0.1").on("error", () => undefined);
    const closed = once(socket.resume(), "close");
    await sleep(20);
    const begin = performance.now();
    await server.close({ graceMs: 50 });
    await closed;
    assert.ok(performance.now() - begin < 1_000);
    assertNoUncaughtErrors();
  });
});
