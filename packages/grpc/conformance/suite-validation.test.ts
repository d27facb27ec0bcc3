import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorCode, goaway } from "../testing/frames.ts";
import { RawPeer } from "../testing/peer.ts";
import type { TestServiceClient } from "./client-case.ts";
import { clientCases, runClientCase } from "./client-suite.ts";
import { permissiveClient, servePermissively } from "./permissive-peer.ts";
import { runServerCase, serverCases } from "./server-suite.ts";

const options = { timeoutMs: 200 };

describe("the suite for servers", () => {
  const permissive = createServer((socket) => servePermissively(new RawPeer(socket, "server")));
  const rejecting = createServer((socket) => {
    // Cases go on writing to the closed connection, which then is reset.
    socket.on("error", () => undefined);
    socket.end(goaway(0, ErrorCode.INTERNAL_ERROR));
  });
  before(async () => {
    for (const server of [permissive, rejecting])
      await once(server.listen(0, "127.0.0.1"), "listening");
  });
  after(() => {
    for (const server of [permissive, rejecting]) server.close();
  });

  it("fails a server that accepts everything in every case that requires a refusal", async () => {
    const run = (at: (typeof serverCases)[number]) =>
      runServerCase(at, portOf(permissive), options);
    assert.deepEqual(await passing(serverCases.filter(mustRefuse), run), []);
  });

  it("fails a server that refuses everything in every case", async () => {
    const run = (at: (typeof serverCases)[number]) => runServerCase(at, portOf(rejecting), options);
    assert.deepEqual(await passing(serverCases, run), []);
  });

  it("numbers its cases as the published list does", () => {
    const count = (suite: string) => serverCases.filter(({ id }) => id.startsWith(suite)).length;
    assert.deepEqual(["generic/", "http2/", "hpack/"].map(count), [44, 95, 8]);
    assert.equal(new Set(serverCases.map(({ id }) => id)).size, serverCases.length);
  });
});

describe("the suite for clients", () => {
  it("fails a client that accepts everything in every case that requires a refusal", async () => {
    const run = (at: (typeof clientCases)[number]) => runClientCase(at, permissiveClient, options);
    assert.deepEqual(await passing(clientCases.filter(mustRefuse), run), []);
  });

  it("fails a client that never calls in every case", async () => {
    const run = (at: (typeof clientCases)[number]) => runClientCase(at, () => idle, options);
    assert.deepEqual(await passing(clientCases, run), []);
  });

  it("gives each case a number of its own", () => {
    assert.equal(new Set(clientCases.map(({ id }) => id)).size, clientCases.length);
  });
});

const refuse = () => Promise.reject(new ConnectError("no", Code.Internal));
const idle = { emptyCall: refuse, unaryCall: refuse } as unknown as TestServiceClient;

function mustRefuse({ must }: { readonly must: string }): boolean {
  return must.startsWith("refuses");
}

function portOf(server: ReturnType<typeof createServer>): number {
  return (server.address() as AddressInfo).port;
}

/** The cases that a peer passes. */
async function passing<T extends { readonly id: string }>(
  cases: readonly T[],
  run: (at: T) => Promise<void>,
): Promise<string[]> {
  const results = await Promise.allSettled(cases.map(run));
  return cases.flatMap(({ id }, at) => (results[at]?.status === "fulfilled" ? [id] : []));
}
