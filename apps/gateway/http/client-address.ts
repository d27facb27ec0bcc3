import { isIP } from "node:net";
import type { RequestHead } from "./request-head.ts";

/**
 * The network address that a request comes from. Each trusted proxy appends the address of its own
 * client to X-Forwarded-For, so that with n of them the n-th entry from the right is the one to
 * believe; what stands left of it is the client's word. Without it, the peer of the connection.
 */
export function clientAddressOf(request: RequestHead, trustedProxyCount: number): string {
  const peer = normalizeAddress(request.socket.remoteAddress ?? "");
  if (trustedProxyCount === 0) return peer;
  const entries = `${request.headers["x-forwarded-for"] ?? ""}`.split(",");
  const entry = normalizeAddress((entries.at(-trustedProxyCount) ?? "").trim());
  return isIP(entry) ? entry : peer;
}

/** IPv4 mapped into IPv6 is IPv4, and an IPv4 address may be followed by a port. */
function normalizeAddress(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return /^\d+\.\d+\.\d+\.\d+:\d+$/.test(bare) ? bare.slice(0, bare.indexOf(":")) : bare;
}
