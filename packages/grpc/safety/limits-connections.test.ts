import assert from "node:assert/strict";
import { once } from "node:events";
import {
  type AddressInfo,
  createServer as createNetServer,
  type Server as NetServer,
} from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import type { ServerOptions } from "../server.ts";
import { RawPeer } from "../testing/peer.ts";
import { connectionError, handshake, pingAck, playScript } from "../testing/script.ts";
import { startTestServer, type TestServiceServer } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";
import { createGrpcTransport } from "../transport.ts";

let test: TestServiceServer;
const peers: RawPeer[] = [];
const listeners: NetServer[] = [];

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy();
  for (const listener of listeners.splice(0)) listener.close();
  await test.close();
  assertNoUncaughtErrors();
});

async function peerAt(port: number): Promise<RawPeer> {
  const peer = await RawPeer.connect(port, { timeoutMs: 5_000 });
  peers.push(peer);
  return peer;
}

async function greetedAt(port: number): Promise<RawPeer> {
  const peer = await peerAt(port);
  await handshake(peer);
  return peer;
}

/** Another port, which hands what comes in to the server under test. */
async function otherPort(): Promise<number> {
  const listener = createNetServer((socket) => test.server.accept(socket));
  listeners.push(listener);
  await once(listener.listen(0, "127.0.0.1"), "listening");
  return (listener.address() as AddressInfo).port;
}

/** Asserts that of the connections to a port two are served at once, by the server under test. */
async function assertTwoFit(port: number): Promise<void> {
  const [leaving, staying] = [await greetedAt(port), await greetedAt(port)];
  const refused = await peerAt(port);
  await refused.waitForClose();
  assert.deepEqual(refused.frames, []);
  await playScript(leaving, [pingAck]);
  leaving.destroy();
  while (test.server.connectionCount === 2) await turn();
  await greetedAt(port);
  await playScript(staying, [pingAck]);
}

describe("a server with a limit of two connections", () => {
  beforeEach(async () => {
    test = await startTestServer({ maxConnections: 2 });
  });

  it("closes a third, serves the two, and the next after one has closed", () =>
    assertTwoFit(test.server.port));

  it("applies it to sockets that were accepted elsewhere", async () =>
    assertTwoFit(await otherPort()));

  it("counts those and its own together", async () => {
    await greetedAt(await otherPort());
    await greetedAt(test.server.port);
    await (await peerAt(test.server.port)).waitForClose();
  });
});

describe("a server with TLS", () => {
  // A shared key, because it takes no certificate to try.
  const psk = Buffer.alloc(16, 1);
  const common = { ciphers: "PSK-AES128-GCM-SHA256", maxVersion: "TLSv1.2" } as const;
  const tls: ServerOptions["tls"] = { ...common, pskCallback: () => psk };

  it("ends a connection that renegotiates (RFC 9113, section 9.2.1), and serves others", async () => {
    test = await startTestServer({ tls });
    const socket = connectTls({
      ...common,
      port: test.server.port,
      host: "127.0.0.1",
      ALPNProtocols: ["h2"],
      pskCallback: () => ({ psk, identity: "test" }),
      checkServerIdentity: () => undefined,
    });
    await once(socket, "secureConnect");
    const peer = new RawPeer(socket, "client", { timeoutMs: 5_000 });
    peers.push(peer);
    await playScript(peer, [handshake, pingAck]);
    socket.renegotiate({ rejectUnauthorized: false }, () => undefined);
    await connectionError("PROTOCOL_ERROR")(peer);
    assert.equal(await call(), undefined);
  });

  async function call(): Promise<Code | undefined> {
    const transport = createGrpcTransport({
      address: `https://127.0.0.1:${test.server.port}`,
      tls: {
        ...common,
        pskCallback: () => ({ psk, identity: "test" }),
        checkServerIdentity: () => undefined,
      },
    });
    try {
      await createClient(TestService, transport).emptyCall({});
      return undefined;
    } catch (error) {
      return ConnectError.from(error).code;
    } finally {
      transport.close();
    }
  }

  it("with a limit of one connection counts one that does not finish its handshake", async () => {
    test = await startTestServer({ maxConnections: 1, tls });
    const silent = await peerAt(test.server.port);
    assert.equal(await call(), Code.Unavailable);
    assert.equal(silent.isClosed, false);
    silent.write(Buffer.from("This is not how TLS begins."));
    await silent.waitForClose();
    assert.equal(await call(), undefined);
  });
});
