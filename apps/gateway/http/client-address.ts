import { isIP } from "node:net";
import type { RequestHead } from "./request-head.ts";

/**
 * The IP address of the client. Each trusted proxy appends its peer's address to X-Forwarded-For, so that
 * with n of them the n-th entry from the right is trustworthy; the client may have forged those left of it.
 * Falls back to the peer of the connection.
 */
export function clientAddressOf(request: RequestHead, trustedProxyCount: number): string {
  const peer = normalizeAddress(request.socket.remoteAddress ?? "");
  if (trustedProxyCount === 0) return peer;
  const entries = `${request.headers["x-forwarded-for"] ?? ""}`.split(",");
  const entry = normalizeAddress((entries.at(-trustedProxyCount) ?? "").trim());
  return isIP(entry) ? entry : peer;
}

/** Unwraps IPv4 mapped into IPv6, and strips the port of an IPv4 address. */
function normalizeAddress(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return /^\d+\.\d+\.\d+\.\d+:\d+$/.test(bare) ? bare.slice(0, bare.indexOf(":")) : bare;
}
