import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Code, type ConnectError, createClient } from "@connectrpc/connect";
import { createServer, type Server } from "@plaza/grpc/server";
import { TestService } from "@plaza/grpc/testing";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { createAuthority, createCertificate, type KeyPair } from "./certificates.ts";

const local = ["127.0.0.1", "localhost"];

describe("certificates of one authority", () => {
  let authority: KeyPair;
  let other: KeyPair;
  let server: Server;

  before(async () => {
    authority = await createAuthority(1);
    other = await createAuthority(1);
    server = await serve(await createCertificate(authority, "posts", local, 1));
  });
  after(() => server.close({ graceMs: 0 }));

  async function serve({ cert, key }: KeyPair): Promise<Server> {
    const tls = { ca: authority.cert, cert, key, requestCert: true, rejectUnauthorized: true };
    const made = createServer({
      tls,
      routes: (router) => router.service(TestService, { emptyCall: () => ({}) }),
    });
    await made.listen({ port: 0 });
    return made;
  }

  async function call(tls: object, { port }: Server = server): Promise<void> {
    const transport = createGrpcTransport({ address: `https://127.0.0.1:${port}`, tls });
    await createClient(TestService, transport).emptyCall({}, { timeoutMs: 5_000 });
    transport.close();
  }

  const isUnavailable = (error: ConnectError) => error.code === Code.Unavailable;

  it("permit calls between processes", async () => {
    const own = await createCertificate(authority, "users", local, 1);
    await call({ ca: authority.cert, ...own });
  });

  it("refuse clients with none, with one of another authority, and with an expired one", async () => {
    const foreign = await createCertificate(other, "users", local, 1);
    const expired = await createCertificate(authority, "users", local, -1);
    for (const own of [{}, foreign, expired]) {
      await assert.rejects(call({ ca: authority.cert, ...own }), isUnavailable);
    }
  });

  it("refuse servers of another authority, and on another host", async () => {
    const own = await createCertificate(authority, "users", local, 1);
    await assert.rejects(call({ ca: other.cert, ...own }), isUnavailable);
    const elsewhere = await serve(await createCertificate(authority, "posts", ["elsewhere"], 1));
    await assert.rejects(call({ ca: authority.cert, ...own }, elsewhere), isUnavailable);
    await elsewhere.close({ graceMs: 0 });
  });
});
