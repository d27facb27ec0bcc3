import type { IncomingHttpHeaders } from "node:http";
import type { HeaderFields } from "@plaza/grpc/http2";

/** Method, target and headers of a request over HTTP/2, in the shape that HTTP/1.1's have. */
export type Http2Head = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
};

const methodPattern = /^[\w!#$%&'*+.^`|~-]+$/;
const targetPattern = /^(\/[\x21-\x7e\x80-\xff]*|\*)$/;

/** Fields of which a request has one; of several the first counts, as in HTTP/1.1. */
const singleFields = new Set([
  ...["authorization", "content-length", "content-type", "from", "host", "if-modified-since"],
  ...["if-unmodified-since", "max-forwards", "proxy-authorization", "referer", "user-agent"],
]);

/**
 * Reads the fields of a request: `host` is what :authority says, and cookies that HTTP/2 splits are joined (RFC
 * 9113, section 8.2.3). Undefined when method or target are not valid, or :authority and host differ.
 */
export function readHttp2Head(fields: HeaderFields): Http2Head | undefined {
  const headers: Record<string, string> = Object.create(null);
  for (let at = 0; at < fields.length; at += 2) {
    addField(headers, fields[at] ?? "", fields[at + 1] ?? "");
  }
  const { ":method": method = "", ":path": url = "", ":authority": authority, host } = headers;
  if (!methodPattern.test(method) || !targetPattern.test(url)) return undefined;
  if (authority !== undefined) {
    if (host !== undefined && host.toLowerCase() !== authority.toLowerCase()) return undefined;
    headers["host"] = authority;
  }
  for (const name of [":method", ":path", ":scheme", ":authority"]) delete headers[name];
  return { method, url, headers };
}

function addField(headers: Record<string, string>, name: string, value: string): void {
  const before = headers[name];
  if (before === undefined) headers[name] = value;
  else if (!singleFields.has(name)) {
    headers[name] = `${before}${name === "cookie" ? "; " : ", "}${value}`;
  }
}
