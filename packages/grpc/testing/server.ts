import assert from "node:assert/strict";
import { type Client, createClient, type ServiceImpl } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { createServer, type Server, type ServerOptions } from "../server.ts";
import { createGrpcTransport, type GrpcTransport } from "../transport.ts";
import { RawPeer } from "./peer.ts";
import { handshake } from "./script.ts";

/** A server of the test service, with what a test needs to look at it. */
export type TestServiceServer = {
  readonly server: Server;
  readonly address: string;
  /** How many handlers of `emptyCall` and `unaryCall` have begun. */
  readonly counts: { calls: number };
  /** A raw peer that has exchanged SETTINGS with the server. */
  connectPeer(): Promise<RawPeer>;
  /** A client of our own, with its transport. */
  createClient(): TestClient;
  /** Closes everything, and asserts that nothing is left of it. */
  close(): Promise<void>;
};

/** A client and what closes it. */
export type TestClient = Client<typeof TestService> & { readonly transport: GrpcTransport };

type Handlers = Partial<ServiceImpl<typeof TestService>>;

/** Serves on a free port. `handlers` come in place of, or beside, the usual ones. */
export async function startTestServer(
  options: Omit<ServerOptions, "routes"> = {},
  handlers: Handlers = {},
): Promise<TestServiceServer> {
  const counts = { calls: 0 };
  const server = createServer({
    ...options,
    routes: (router) => router.service(TestService, { ...defaultHandlers(counts), ...handlers }),
  });
  await server.listen({ port: 0 });
  const address = `http://127.0.0.1:${server.port}`;
  const peers: RawPeer[] = [];
  const clients: TestClient[] = [];
  return {
    server,
    address,
    counts,
    async connectPeer() {
      const peer = await RawPeer.connect(server.port, { timeoutMs: 5_000 });
      peers.push(peer);
      await handshake(peer);
      return peer;
    },
    createClient() {
      const client = createTestClient(address);
      clients.push(client);
      return client;
    },
    async close() {
      for (const peer of peers) peer.destroy();
      for (const { transport } of clients) transport.close();
      await server.close({ graceMs: 500 });
      assert.equal(server.connectionCount, 0);
    },
  };
}

/** A client of servers at these addresses, which takes turns. */
export function createTestClient(address: string | readonly string[]): TestClient {
  const transport = createGrpcTransport({ address });
  return Object.assign(createClient(TestService, transport), { transport });
}

function defaultHandlers(counts: { calls: number }): Handlers {
  return {
    emptyCall() {
      counts.calls += 1;
      return {};
    },
    unaryCall({ responseSize }) {
      counts.calls += 1;
      return { payload: { body: new Uint8Array(responseSize) } };
    },
    async streamingInputCall(requests) {
      let aggregatedPayloadSize = 0;
      for await (const { payload } of requests) aggregatedPayloadSize += payload?.body.length ?? 0;
      return { aggregatedPayloadSize };
    },
    async *streamingOutputCall({ responseParameters }) {
      for (const { size } of responseParameters) yield { payload: { body: new Uint8Array(size) } };
    },
    async *fullDuplexCall(requests) {
      for await (const { payload } of requests) yield payload ? { payload } : {};
    },
  };
}
