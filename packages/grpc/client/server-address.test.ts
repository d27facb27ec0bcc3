import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { createClient } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { startTestServer, type TestServiceServer } from "../testing/server.ts";
import { createGrpcTransport } from "../transport.ts";
import { parseServerAddresses } from "./server-address.ts";

describe("the address of a server", () => {
  for (const [address, ...expected] of [
    ["http://host", "host host 80"],
    ["http://Host:50051/", "host:50051 host 50051"],
    ["http://[::1]:50051", "[::1]:50051 ::1 50051"],
    ["localhost:50051", "localhost:50051 localhost 50051"],
    ["10.0.0.1:50051", "10.0.0.1:50051 10.0.0.1 50051"],
    ["host", "host:443 host 443"],
    ["[::1]:50051", "[::1]:50051 ::1 50051"],
    ["::1", "[::1]:443 ::1 443"],
    ["dns:host:50051", "host:50051 host 50051"],
    ["dns:///host:50051", "host:50051 host 50051"],
    ["dns:///host", "host:443 host 443"],
    ["ipv4:10.0.0.1:1,10.0.0.2", "10.0.0.1:1 10.0.0.1 1", "10.0.0.2:443 10.0.0.2 443"],
    ["ipv6:[::1]:1,::2", "[::1]:1 ::1 1", "[::2]:443 ::2 443"],
    ["unix:a/b", "localhost a/b"],
    ["unix:///a/b", "localhost /a/b"],
  ] as const) {
    it(`is read: ${address}`, () => {
      const found = parseServerAddresses(address, false).map(({ authority, endpoint }) =>
        [authority, ...Object.values(endpoint)].join(" "),
      );
      assert.deepEqual(found, expected);
    });
  }

  for (const address of [
    "",
    ":50051",
    "host:",
    "host:0",
    "host:65536",
    "host:http",
    "host/path",
    "user@host:1",
    "a b:1",
    "http://",
    "http://host:1/path",
    "http://host:1/?a",
    "https://user@host:1",
    "ftp://host:1",
    "xds:///host",
    "dns://8.8.8.8/host:1",
    "dns:///",
    "ipv4:host:1",
    "ipv4:[::1]:1",
    "ipv6:10.0.0.1:1",
    "unix:",
    "unix://a/b",
    "unix-abstract:a",
    "vsock:1:2",
  ]) {
    it(`is refused at once: "${address}"`, () => {
      assert.throws(() => createGrpcTransport({ address }), TypeError);
    });
  }

  it("means TLS as a URL of https, and as a name beside options of TLS", () => {
    const isSecure = (address: string, hasTls: boolean) =>
      parseServerAddresses(address, hasTls)[0]?.isSecure;
    assert.deepEqual([isSecure("https://a", false), isSecure("http://a", true)], [true, false]);
    assert.deepEqual([isSecure("a:1", false), isSecure("a:1", true)], [false, true]);
  });
});

describe("a call to a name in gRPC's syntax", () => {
  let test: TestServiceServer;
  const socketPath = path.join(tmpdir(), `plaza-grpc-${process.pid}.sock`);
  const unixServer = createServer((socket) => test.server.accept(socket));
  before(async () => {
    test = await startTestServer();
    await new Promise<void>((resolve) => unixServer.listen(socketPath, resolve));
  });
  after(async () => {
    unixServer.close();
    await test.close();
    rmSync(socketPath, { force: true });
  });

  for (const [form, address] of [
    ["host:port", () => `localhost:${test.server.port}`],
    ["dns:///host:port", () => `dns:///127.0.0.1:${test.server.port}`],
    ["ipv4:address:port", () => `ipv4:127.0.0.1:${test.server.port}`],
    ["unix:path", () => `unix:${socketPath}`],
  ] as const) {
    it(`reaches the server: ${form}`, async () => {
      const transport = createGrpcTransport({ address: address() });
      await createClient(TestService, transport).emptyCall({});
      transport.close();
    });
  }
});
