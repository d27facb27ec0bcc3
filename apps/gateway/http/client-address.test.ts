import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { clientAddressOf } from "./client-address.ts";

const request = (peer: string, forwarded?: string, header = "x-forwarded-for") =>
  ({
    socket: { remoteAddress: peer },
    headers: forwarded === undefined ? {} : { [header]: forwarded },
  }) as unknown as IncomingMessage;
const proxies = (count: number) => ({ count, header: "x-forwarded-for" }) as const;

describe("clientAddressOf", () => {
  it("is the peer when no proxy is trusted, whatever the header contains", () => {
    assert.equal(clientAddressOf(request("192.0.2.1", "203.0.113.9"), proxies(0)), "192.0.2.1");
  });

  it("is counted from the right by the number of trusted proxies", () => {
    const forwarded = "198.51.100.66, 203.0.113.9, 192.0.2.2";
    assert.equal(clientAddressOf(request("10.0.0.1", forwarded), proxies(1)), "192.0.2.2");
    assert.equal(clientAddressOf(request("10.0.0.1", forwarded), proxies(2)), "203.0.113.9");
  });

  it("is the peer when the header is missing, short or no address", () => {
    assert.equal(clientAddressOf(request("10.0.0.1"), proxies(1)), "10.0.0.1");
    assert.equal(clientAddressOf(request("10.0.0.1", "203.0.113.9"), proxies(2)), "10.0.0.1");
    assert.equal(clientAddressOf(request("10.0.0.1", "<script>"), proxies(1)), "10.0.0.1");
  });

  it("is plain IPv4 where that is mapped into IPv6 or has a port", () => {
    assert.equal(clientAddressOf(request("::ffff:192.0.2.1"), proxies(0)), "192.0.2.1");
    assert.equal(clientAddressOf(request("10.0.0.1", "192.0.2.1:4711"), proxies(1)), "192.0.2.1");
  });

  it("is IPv6 with or without brackets and port", () => {
    for (const entry of ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711"]) {
      assert.equal(clientAddressOf(request("10.0.0.1", `a, ${entry}`), proxies(1)), "2001:db8::1");
    }
    const mapped = request("10.0.0.1", "[::ffff:192.0.2.1]:80");
    assert.equal(clientAddressOf(mapped, proxies(1)), "192.0.2.1");
  });

  const forwarded = (text: string, count = 1) =>
    clientAddressOf(request("10.0.0.1", text, "forwarded"), { count, header: "forwarded" });

  it("is the parameter for of Forwarded, in any of its forms", () => {
    assert.equal(forwarded("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
    assert.equal(forwarded('By=_a; FOR="[2001:db8:cafe::17]:4711"'), "2001:db8:cafe::17");
    assert.equal(forwarded('for="192.0.2.43:_port", for="[2001:db8::1]"'), "2001:db8::1");
    assert.equal(forwarded("for=192.0.2.43, for=198.51.100.17", 2), "192.0.2.43");
    assert.equal(forwarded('for=192.0.2.1;host="a\\", for=1.2.3.4"'), "192.0.2.1");
  });

  it("is what the proxies have written, whatever a client has put before", () => {
    for (const forged of ['for="', '"', "for=1.2.3.4;by=\\", 'for="a, for=1.2.3.4;by="']) {
      assert.equal(forwarded(`${forged}, for=192.0.2.1`), "192.0.2.1", forged);
    }
    const open = request("10.0.0.1", '", 192.0.2.1');
    assert.equal(clientAddressOf(open, proxies(1)), "192.0.2.1");
  });

  it("is the peer where Forwarded hides it or is malformed", () => {
    for (const text of ["for=unknown", "for=_hidden", "proto=http", 'for="', "", "for="]) {
      assert.equal(forwarded(text), "10.0.0.1", text);
    }
  });

  it("is not read from the header that the proxies do not set", () => {
    const forged = request("10.0.0.1", "for=192.0.2.66", "forwarded");
    assert.equal(clientAddressOf(forged, proxies(1)), "10.0.0.1");
  });
});
