import { isIP } from "node:net";
import type { RequestHead } from "./request-head.ts";

/** The proxies in front of Plaza that are trusted, and where they name their peers. */
export type TrustedProxies = {
  /** How many of them a request passes. */
  readonly count: number;
  readonly header: "x-forwarded-for" | "forwarded";
};

/**
 * The IP address of the client. Each trusted proxy appends its peer's address to the header, so that with n of them the
 * n-th entry from the right is trustworthy; the client may have forged those left of it, and the other header as a
 * whole. Falls back to the peer of the connection.
 */
export function clientAddressOf(request: RequestHead, { count, header }: TrustedProxies): string {
  const peer = normalizeAddress(request.socket.remoteAddress ?? "");
  if (count === 0) return peer;
  const text = `${request.headers[header] ?? ""}`;
  const entry = splitOutsideQuotes(text, ",").at(-count) ?? "";
  const address = normalizeAddress(header === "forwarded" ? forOf(entry) : entry.trim());
  return isIP(address) ? address : peer;
}

/** The parameter `for` of an element of Forwarded (RFC 7239, section 4); empty without one. */
function forOf(element: string): string {
  for (const pair of splitOutsideQuotes(element, ";")) {
    const [, value] = /^\s*for=(.*?)\s*$/i.exec(pair) ?? [];
    if (value !== undefined) return value.replace(/^"(.*)"$/, "$1").replace(/\\(.)/g, "$1");
  }
  return "";
}

function splitOutsideQuotes(text: string, separator: "," | ";"): string[] {
  const parts = [""];
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') isQuoted = !isQuoted;
    if (character === separator && !isQuoted) parts.push("");
    else {
      const escaped = isQuoted && character === "\\" ? text.charAt(++at) : "";
      parts.push(parts.pop() + character + escaped);
    }
  }
  return parts;
}

/** Strips brackets and port, and unwraps IPv4 mapped into IPv6. */
function normalizeAddress(address: string): string {
  const [, bracketed, withPort] =
    /^\[([^\]]*)\](?::\w+)?$/.exec(address) ?? /^()([\d.]+):\w+$/.exec(address) ?? [];
  return (bracketed || withPort || address).replace(/^::ffff:(?=\d+\.)/i, "");
}
