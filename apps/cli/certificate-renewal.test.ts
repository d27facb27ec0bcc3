import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { connect, createServer as createTlsServer, type TLSSocket } from "node:tls";
import { createClient } from "@connectrpc/connect";
import { createServer, type Server } from "@plaza/grpc/server";
import { TestService } from "@plaza/grpc/testing";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { createAuthority, createCertificate, type KeyPair } from "./certificates.ts";

const local = ["127.0.0.1", "localhost"];
const serialOf = ({ cert }: KeyPair): string => new X509Certificate(cert).serialNumber;

/** The certificate of a process, and the authorities that it trusts. */
type Tls = KeyPair & { readonly ca: string };

describe("certificates that are renewed by another authority", () => {
  let old: Tls;
  let renewed: Tls;
  let server: Server;
  let current: Tls;

  before(async () => {
    const [first, second] = [await createAuthority(1), await createAuthority(1)];
    const both = first.cert + second.cert;
    old = { ca: first.cert, ...(await createCertificate(first, "posts", local, 1)) };
    renewed = { ca: both, ...(await createCertificate(second, "posts", local, 1)) };
    current = old;
    server = createServer({
      tls: () => current,
      routes: (router) => router.service(TestService, { emptyCall: () => ({}) }),
    });
    await server.listen({ port: 0 });
  });
  after(() => server.close({ graceMs: 0 }));

  /** The serial number of the certificate of a new connection. */
  async function shown(ca: string): Promise<string> {
    const socket = connect({ port: server.port, host: "127.0.0.1", servername: "", ca });
    await once(socket, "secureConnect");
    const { serialNumber = "" } = socket.getPeerX509Certificate() ?? {};
    socket.destroy();
    return serialNumber;
  }

  it("are used for new connections while old ones continue", async () => {
    const address = `https://127.0.0.1:${server.port}`;
    const transport = createGrpcTransport({ address, tls: { ca: old.ca } });
    const client = createClient(TestService, transport);
    await client.emptyCall({});
    assert.equal(await shown(old.ca), serialOf(old));

    current = renewed;
    assert.equal(await shown(renewed.ca), serialOf(renewed));
    // A new connection would be refused: this client does not trust the new authority.
    await client.emptyCall({});
    await assert.rejects(shown(old.ca), { code: "SELF_SIGNED_CERT_IN_CHAIN" });
    transport.close();
  });

  it("are used by clients for new connections", async (test) => {
    const peer = createTlsServer({ ...renewed, requestCert: true, ALPNProtocols: ["h2"] });
    test.after(() => peer.close());
    await once(peer.listen(0, "127.0.0.1"), "listening");
    let tls: Tls = { ...old, ca: renewed.ca };
    const { port } = peer.address() as AddressInfo;
    const transport = createGrpcTransport({ address: `https://127.0.0.1:${port}`, tls: () => tls });
    const serials: (string | undefined)[] = [];
    for (const next of [tls, renewed]) {
      tls = next;
      const connected = once(peer, "secureConnection");
      const call = createClient(TestService, transport).emptyCall({});
      const [socket] = (await connected) as [TLSSocket];
      serials.push(socket.getPeerX509Certificate()?.serialNumber);
      socket.destroy();
      await assert.rejects(call);
    }
    assert.deepEqual(serials, [old, renewed].map(serialOf));
    transport.close();
  });
});
