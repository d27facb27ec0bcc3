import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clientNetwork } from "./client-network.ts";

describe("clientNetwork", () => {
  it("returns an IPv4 address itself, also when it is mapped into IPv6", () => {
    assert.equal(clientNetwork("192.0.2.1"), "192.0.2.1");
    assert.equal(clientNetwork("::ffff:192.0.2.1"), "192.0.2.1");
    assert.equal(clientNetwork("unknown"), "unknown");
  });

  it("returns the same for all IPv6 addresses of a /64, however they are written", () => {
    const network = "2001:db8:0:1";
    const addresses = [
      "2001:db8:0:1::",
      "2001:db8::1:2:3:4:5",
      "2001:0DB8:0000:0001:ffff:ffff:ffff:ffff",
    ];
    for (const address of addresses) assert.equal(clientNetwork(address), network);
    assert.notEqual(clientNetwork("2001:db8:0:2::1"), network);
    assert.equal(clientNetwork("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2");
    assert.equal(clientNetwork("2001:db8::1"), "2001:db8:0:0");
    assert.equal(clientNetwork("2001:DB8:0:0::1"), "2001:db8:0:0");
    assert.equal(clientNetwork("::1"), "0:0:0:0");
  });
});
