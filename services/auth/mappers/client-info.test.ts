import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { networkOf } from "./client-info.ts";

describe("networkOf", () => {
  it("takes an IPv4 address for itself, also when written as IPv6", () => {
    assert.equal(networkOf("192.0.2.1"), "192.0.2.1");
    assert.equal(networkOf("::ffff:192.0.2.1"), "192.0.2.1");
    assert.equal(networkOf("unknown"), "unknown");
  });

  it("takes all IPv6 addresses of a /64 for one, however they are written", () => {
    const network = "2001:db8:0:1";
    const written = [
      "2001:db8:0:1::",
      "2001:db8::1:2:3:4:5",
      "2001:0DB8:0000:0001:ffff:ffff:ffff:ffff",
    ];
    for (const address of written) assert.equal(networkOf(address), network);
    assert.equal(networkOf("::1"), "0:0:0:0");
    assert.notEqual(networkOf("2001:db8:0:2::1"), network);
  });
});
