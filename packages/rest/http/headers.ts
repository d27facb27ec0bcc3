import type { RestHeaders, RestRequest } from "./messages.ts";
import { RestError } from "./rest-error.ts";

/** Belongs to one connection (RFC 9110, section 7.6.1), or describes a body that is made anew. */
const hopByHopHeaders = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
const bodyHeaders = ["content-encoding", "content-length", "content-type", "accept-encoding"];
const unforwardedHeaders = new Set([...hopByHopHeaders, ...bodyHeaders, "host", "x-forwarded-for"]);
const unreturnedHeaders = new Set([...hopByHopHeaders, ...bodyHeaders, "accept-ranges"]);

/** Set by gRPC and Connect themselves; a client of the REST edge must not speak for them. */
const protocolHeaders = /^(grpc-|connect-|:)/;
const printableAscii = /^[\x20-\x7e]*$/;
/** What a value may hold in HTTP/1.1 (RFC 9110, section 5.5), as Node.js checks it. */
const fieldValuePattern = /^[\t\x20-\x7e\x80-\xff]*$/;
const base64Pattern = /^[A-Za-z0-9+/_-]*={0,2}$/;

/**
 * The metadata of the RPC: every end-to-end header of the request as it is, X-Forwarded-For with the
 * peer's address appended, and X-Forwarded-Host. Headers whose value gRPC cannot carry (outside
 * printable ASCII) are left out. Throws RestError when a `-bin` header is not base64.
 */
export function forwardHeaders(request: RestRequest): Headers {
  const forwarded = new Headers();
  const { headers } = request;
  const connectionNames = parseList(headers.get("connection"));
  headers.forEach((value, name) => {
    if (
      unforwardedHeaders.has(name) ||
      connectionNames.includes(name) ||
      protocolHeaders.test(name)
    )
      return;
    if (!printableAscii.test(value)) return;
    if (name.endsWith("-bin") && !parseList(value).every((one) => base64Pattern.test(one))) {
      throw new RestError("INVALID_HEADER", `header ${name} is not valid base64`);
    }
    forwarded.append(name, value);
  });
  const peers = [
    ...parseList(headers.get("x-forwarded-for")),
    ...parseList(request.remoteAddress ?? null),
  ];
  if (peers.length > 0) forwarded.set("x-forwarded-for", peers.join(", "));
  const host = headers.get("host");
  if (host && !forwarded.has("x-forwarded-host")) forwarded.set("x-forwarded-host", host);
  return forwarded;
}

const unitMs: Record<string, number> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** The longest deadline of 8 digits in milliseconds, as Connect's gRPC transport writes it: 27 hours. */
const maxTimeoutMs = 99_999_999;

/**
 * Milliseconds of the Grpc-Timeout header, if there is one: whole ones, rounded up, up to the longest that any
 * transport can write and any timer hold. Throws RestError when it is malformed.
 */
export function parseTimeoutMs(headers: RestHeaders): number | undefined {
  const text = headers.get("grpc-timeout");
  if (text === null) return undefined;
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
  if (!digits || !unit) throw new RestError("INVALID_HEADER", `malformed grpc-timeout "${text}"`);
  return Math.min(Math.ceil(Number(digits) * (unitMs[unit] ?? 1)), maxTimeoutMs);
}

/**
 * The headers of a reply that may reach the client: those of the application, as they are. Those whose value HTTP
 * cannot carry, such as one with a control character, are left out.
 */
export function responseHeaders(headers: Headers): [string, string][] {
  const returned: [string, string][] = [];
  headers.forEach((value, name) => {
    if (unreturnedHeaders.has(name) || protocolHeaders.test(name)) return;
    if (fieldValuePattern.test(value)) returned.push([name, value]);
  });
  return returned;
}

/** Trailers become headers named `trailer-…`, as in the unary Connect protocol. */
export function trailerHeaders(trailers: Headers): [string, string][] {
  return responseHeaders(trailers).map(([name, value]) => [`trailer-${name}`, value]);
}

/** The items of a comma-separated header, in lower case and without blanks. */
function parseList(value: string | null): string[] {
  if (value === null) return [];
  return value.split(",").flatMap((item) => item.trim().toLowerCase() || []);
}
