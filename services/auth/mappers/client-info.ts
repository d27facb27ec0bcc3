import { isIPv6 } from "node:net";
import type { HandlerContext } from "@connectrpc/connect";

/** Where a call comes from, as the edge says; it lets no such header in from outside. */
export type ClientInfo = {
  readonly address: string;
  readonly userAgent: string;
};

const unknownAddress = "unknown";
const maxAddressLength = 64;
const maxUserAgentLength = 300;

export function clientInfoOf({ requestHeader }: HandlerContext): ClientInfo {
  return {
    address: requestHeader.get("plaza-address")?.slice(0, maxAddressLength) || unknownAddress,
    userAgent: requestHeader.get("plaza-user-agent")?.slice(0, maxUserAgentLength) ?? "",
  };
}

/** What one person has at their disposal: an IPv4 address, or the /64 that an IPv6 address is in. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(address)) return address;
  const [before = "", after] = address.split("::");
  const head = before.split(":").filter(Boolean);
  const tail = after?.split(":").filter(Boolean) ?? [];
  const gap = after === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array<string>(gap).fill("0"), ...tail];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
