import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { Channel } from "../client/channel.ts";
import { LoadBalancer } from "../client/load-balancer.ts";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { defaultConnectionLimits } from "../http2/connection-limits.ts";
import type { ServerOptions } from "../server.ts";
import { startTestServer, type TestServiceServer } from "../testing/server.ts";
import { serverAddressOf } from "../testing/server-address.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";
import {
  createUnreachableAddress,
  type UnreachableAddress,
} from "../testing/unreachable-address.ts";
import { createGrpcTransport, type GrpcTransportOptions } from "../transport.ts";

const connectTimeoutMs = 100;

let lost: UnreachableAddress;
before(async () => {
  lost = await createUnreachableAddress();
});
after(() => lost.close());

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  assertNoUncaughtErrors();
});

async function served(...options: Parameters<typeof startTestServer>): Promise<TestServiceServer> {
  const test = await startTestServer(...options);
  open.push(test);
  return test;
}

function channelTo(address: string): Channel {
  const options = { limits: defaultConnectionLimits, connectTimeoutMs, maxConnections: 1 };
  const channel = new Channel({ tls: () => ({}), address: serverAddressOf(address), ...options });
  open.push(channel);
  return channel;
}

function clientOf(options: GrpcTransportOptions) {
  const transport = createGrpcTransport({ connectTimeoutMs, ...options });
  open.push(transport);
  return createClient(TestService, transport);
}

const codeOf = (call: Promise<unknown>): Promise<Code | undefined> =>
  call.then(
    () => undefined,
    (error) => ConnectError.from(error).code,
  );

/** Listens on a port, or any that is free, and answers nothing. */
async function mute(port = 0): Promise<{ readonly port: number; readonly sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on("error", () => undefined)));
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  open.push({ close });
  await once(server.listen(port, "127.0.0.1"), "listening");
  return { port: (server.address() as AddressInfo).port, sockets };
}

/** How calls that are made at once end. */
const codesOf = (count: number, call: () => Promise<unknown>) =>
  Promise.all(Array.from({ length: count }, () => codeOf(call())));

describe("a server that cannot be reached", () => {
  it("gets no calls while others can be reached, whatever the backoff", async () => {
    const test = await served();
    const good = channelTo(test.address);
    const bad = [channelTo(lost.address), channelTo(lost.address)];
    const balancer = new LoadBalancer([good, ...bad], "least_outstanding");
    good.outstandingCalls = 100;
    for (const one of bad) {
      await assert.rejects(one.openStream(undefined, undefined), { code: Code.Unavailable });
    }
    const picked = new Set<Channel>();
    for (const end = performance.now() + 1_500; performance.now() < end; await sleep(5)) {
      picked.add(balancer.pick(undefined));
    }
    assert.deepEqual([...picked], [good]);
  });

  it("fails no call after the first connection attempt", async () => {
    const handlers = { emptyCall: () => sleep(10, {}) };
    const test = await served({}, handlers);
    const client = clientOf({
      address: [test.address, lost.address],
      loadBalancingPolicy: "least_outstanding",
      connectTimeoutMs: 600,
    });
    assert.deepEqual(new Set(await codesOf(4, () => client.emptyCall({}))), new Set([undefined]));
    const codes = new Set<Code | undefined>();
    for (const end = performance.now() + 1_500; performance.now() < end; ) {
      for (const code of await codesOf(8, () => client.emptyCall({}, { timeoutMs: 500 }))) {
        codes.add(code);
      }
    }
    assert.deepEqual([...codes], [undefined]);
  });

  it("is connected to without a call, and gets calls again once it listens", async () => {
    const [test, gone] = [await served(), await served()];
    const { port } = gone.server;
    await gone.close();
    const [good, back] = [channelTo(test.address), channelTo(gone.address)];
    const balancer = new LoadBalancer([good, back], "round_robin");
    await assert.rejects(back.openStream(undefined, undefined), { code: Code.Unavailable });
    assert.equal(balancer.pick(undefined), good);
    const { sockets } = await mute(port);
    while (balancer.pick(undefined) === good || sockets.size === 0) await sleep(5);
    assert.equal(sockets.size, 1);
  });

  for (const count of [1, 2]) {
    it(`has calls wait until their deadlines when there is no other: ${count} in all`, async () => {
      const client = clientOf({ address: Array(count).fill(lost.address) });
      const call = client.emptyCall({}, { timeoutMs: 400 });
      assert.equal(await codeOf(call), Code.DeadlineExceeded);
    });
  }
});

describe("a server that accepts connections late", () => {
  // A shared key, because it takes no certificate to try.
  const psk = Buffer.alloc(16, 1);
  const common = { ciphers: "PSK-AES128-GCM-SHA256", maxVersion: "TLSv1.2" } as const;

  it("is waited for when there is no other", async () => {
    const tls: ServerOptions["tls"] = { ...common, pskCallback: () => psk };
    const test = await served({ tls });
    const port = await relayTo(test.server.port, 3 * connectTimeoutMs);
    const client = clientOf({
      address: `https://127.0.0.1:${port}`,
      tls: {
        ...common,
        pskCallback: () => ({ psk, identity: "test" }),
        checkServerIdentity: () => undefined,
      },
    });
    await client.emptyCall({});
  });

  /** A port whose connections are passed on after a while. */
  async function relayTo(port: number, afterMs: number): Promise<number> {
    const relay = createServer(async (socket) => {
      await sleep(afterMs);
      const onward = connect(port, "127.0.0.1");
      for (const one of [socket, onward]) one.on("error", () => undefined);
      socket.pipe(onward).pipe(socket);
    });
    open.push({ close: () => relay.close() });
    await once(relay.listen(0, "127.0.0.1"), "listening");
    return (relay.address() as AddressInfo).port;
  }
});

describe("a server that accepts connections and does not respond", () => {
  const timeoutMs = 300;

  it("is ejected after five calls that reach their deadlines", async () => {
    const test = await served();
    const { port } = await mute();
    const client = clientOf({ address: [test.address, `http://127.0.0.1:${port}`] });
    const call = () => client.emptyCall({}, { timeoutMs });
    const late = (await codesOf(10, call)).filter((code) => code === Code.DeadlineExceeded);
    assert.equal(late.length, 5);
    assert.deepEqual([...new Set(await codesOf(10, call))], [undefined]);
  });

  it("to one method only is not ejected", async () => {
    const slow = await served({}, { unaryCall: () => new Promise(() => undefined) });
    const quick = await served();
    const client = clientOf({ address: [slow.address, quick.address] });
    const late = codesOf(10, () => client.unaryCall({}, { timeoutMs }));
    await sleep(timeoutMs / 4);
    await codesOf(4, () => client.emptyCall({}));
    await late;
    await codesOf(4, () => client.emptyCall({}));
    assert.equal(slow.counts.calls, 4);
  });

  it("is not ejected when its responses begin", async () => {
    const release = Promise.withResolvers<void>();
    const slow = await served(
      {},
      {
        async *streamingOutputCall() {
          yield {};
          await release.promise;
        },
      },
    );
    const client = clientOf({ address: [slow.address, (await served()).address] });
    const streams = async () => {
      for await (const _ of client.streamingOutputCall({}, { timeoutMs }));
    };
    await codesOf(10, streams);
    await codesOf(4, () => client.emptyCall({}));
    assert.equal(slow.counts.calls, 2);
    release.resolve();
  });
});
