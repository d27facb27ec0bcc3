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

/**
 * What is counted as one caller: the address, and for IPv6 its /64, of which every household has at
 * least one whole (RFC 6177).
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("::");
  const left = head.split(":").filter(Boolean);
  const right = tail?.split(":").filter(Boolean) ?? [];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array(Math.max(0, zeros)).fill("0"), ...right].slice(0, 4).join(":");
}

/** Unwraps IPv4 mapped into IPv6, and strips the port of an IPv4 address. */
function normalizeAddress(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return /^\d+\.\d+\.\d+\.\d+:\d+$/.test(bare) ? bare.slice(0, bare.indexOf(":")) : bare;
}
