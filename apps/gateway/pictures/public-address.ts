import type { LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

/** Resolves a name to all of its addresses. */
export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The platform services of a cloud, at an address that looks public: Azure's. */
const cloudAddresses = new Set(["168.63.129.16"]);

/** RFC 4291, 2.4: the range from which public IPv6 addresses are assigned. */
const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

/** Ranges of IPv6 that contain an IPv4 address, by its offset in bytes. */
const embeddedIpv4Offsets: Readonly<Record<string, number>> = {
  ipv4Mapped: 12,
  rfc6145: 12,
  rfc6052: 12,
  "6to4": 2,
};

/**
 * Whether an IP address is a public one: not private, of this machine, of this link, of a cloud's metadata, or
 * reserved for another purpose (RFC 6890). An IPv4 address inside an IPv6 address counts as itself.
 */
export function isPublicAddress(address: string): boolean {
  // Strict: ipaddr.js also reads forms such as 127.1.
  if (!isIP(address)) return false;
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  const offset = embeddedIpv4Offsets[range];
  if (offset !== undefined) {
    const bytes = parsed.toByteArray().slice(offset, offset + 4);
    return isPublicAddress(ipaddr.fromByteArray(bytes).toString());
  }
  if (range !== "unicast" || cloudAddresses.has(parsed.toString())) return false;
  return parsed.kind() === "ipv4" || parsed.match(globalUnicast);
}

/**
 * A lookup for `net.connect` that returns public addresses only. The socket connects to the address that was
 * checked, so that a name that resolves to another one the next time (DNS rebinding) gains nothing.
 */
export function publicLookup(resolve: ResolveName): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const found = addresses.filter(({ address }) => isPublicAddress(address));
        const [first] = found;
        if (!first) callback(new Error(`${hostname} has no public address`), "");
        else if (options.all) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error as NodeJS.ErrnoException, ""),
    );
  };
}
