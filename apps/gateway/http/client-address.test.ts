import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { clientAddressOf } from "./client-address.ts";

const request = (peer: string, forwarded?: string) =>
  ({
    socket: { remoteAddress: peer },
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  }) as unknown as IncomingMessage;

describe("clientAddressOf", () => {
  it("is the peer when no proxy is trusted, whatever the header contains", () => {
    assert.equal(clientAddressOf(request("192.0.2.1", "203.0.113.9"), 0), "192.0.2.1");
  });

  it("is counted from the right by the number of trusted proxies", () => {
    const forwarded = "198.51.100.66, 203.0.113.9, 192.0.2.2";
    assert.equal(clientAddressOf(request("10.0.0.1", forwarded), 1), "192.0.2.2");
    assert.equal(clientAddressOf(request("10.0.0.1", forwarded), 2), "203.0.113.9");
  });

  it("is the peer when the header is missing, short or no address", () => {
    assert.equal(clientAddressOf(request("10.0.0.1"), 1), "10.0.0.1");
    assert.equal(clientAddressOf(request("10.0.0.1", "203.0.113.9"), 2), "10.0.0.1");
    assert.equal(clientAddressOf(request("10.0.0.1", "<script>"), 1), "10.0.0.1");
  });

  it("is plain IPv4 where that is mapped into IPv6 or has a port", () => {
    assert.equal(clientAddressOf(request("::ffff:192.0.2.1"), 0), "192.0.2.1");
    assert.equal(clientAddressOf(request("10.0.0.1", "192.0.2.1:4711"), 1), "192.0.2.1");
  });
});
