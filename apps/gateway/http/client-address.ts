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
  const entry =
    header === "forwarded"
      ? forOf(splitOutsideQuotes(text, ",").at(-count) ?? "")
      : (text.split(",").at(-count) ?? "").trim();
  const address = normalizeAddress(entry);
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

/** Splits from the right, where the trusted proxies have written, so that no open quote of a client hides that. */
function splitOutsideQuotes(text: string, separator: "," | ";"): string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let end = text.length;
  for (let at = text.length - 1; at >= 0; at--) {
    const character = text.charAt(at);
    if (character === '"' && !(isQuoted && text.charAt(at - 1) === "\\")) isQuoted = !isQuoted;
    if (character !== separator || isQuoted) continue;
    parts.unshift(text.slice(at + 1, end));
    end = at;
  }
  return [text.slice(0, end), ...parts];
}

/** Strips brackets and port, and unwraps IPv4 mapped into IPv6. */
function normalizeAddress(address: string): string {
  const [, bracketed, withPort] =
    /^\[([^\]]*)\](?::\w+)?$/.exec(address) ?? /^()([\d.]+):\w+$/.exec(address) ?? [];
  return (bracketed || withPort || address).replace(/^::ffff:(?=\d+\.)/i, "");
}
