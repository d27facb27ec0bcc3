import assert from "node:assert/strict";
import type { LookupAddress } from "node:dns";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { isPublicAddress, publicLookup } from "./public-address.ts";

const privateAddresses = [
  ...["0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254"],
  ...["172.16.0.1", "192.0.0.192", "192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"],
  ...["192.0.2.1", "198.51.100.1", "203.0.113.1", "168.63.129.16"],
  ...["::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1"],
  ...["2001:db8::1", "3fff::1", "2001::1", "100::1", "5f00::1", "64:ff9b:1::1"],
  // IPv4 in IPv6: mapped, compatible, translated (RFC 6052), 6to4.
  ...[
    "::ffff:127.0.0.1",
    "::ffff:a00:1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::169.254.169.254",
  ],
  ...["2002:7f00:1::", "2002:a9fe:a9fe::1"],
];
const publicAddresses = [
  ...["1.1.1.1", "172.32.0.1", "192.167.1.1", "100.128.0.1"],
  ...["2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"],
];

describe("isPublicAddress", () => {
  it("refuses addresses of this machine, this network, clouds and other purposes", () => {
    assert.deepEqual(privateAddresses.filter(isPublicAddress), []);
  });

  it("takes public addresses, also inside IPv6", () => {
    assert.deepEqual(publicAddresses.filter(isPublicAddress), publicAddresses);
  });

  it("refuses what is no address", () => {
    assert.deepEqual(["", "localhost", "1.1.1", "0x7f.1", "1.1.1.1.1"].filter(isPublicAddress), []);
  });
});

describe("publicLookup", () => {
  const found: LookupAddress[] = [
    { address: "10.0.0.1", family: 4 },
    { address: "2606:4700::1", family: 6 },
    { address: "1.1.1.1", family: 4 },
  ];
  const lookup = (addresses: LookupAddress[], all: boolean) =>
    promisify(
      (callback: (error: Error | null, found?: unknown, family?: unknown) => void) =>
        void publicLookup(async () => addresses)("a.example", { all }, callback),
    )();

  it("gives the socket the public ones of the addresses that it has checked", async () => {
    assert.deepEqual(await lookup(found, true), found.slice(1));
    assert.equal(await lookup(found, false), "2606:4700::1");
  });

  it("fails when a name has private addresses only, or none", async () => {
    await assert.rejects(lookup(found.slice(0, 1), true), /no public address/);
    await assert.rejects(lookup([], false), /no public address/);
  });
});
