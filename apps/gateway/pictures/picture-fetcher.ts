import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { createNameResolver } from "./name-resolver.ts";
import { isPublicAddress, publicLookup, type ResolveName } from "./public-address.ts";

/** Fetches a picture's bytes. Rejects with the reason, which is for the log alone. */
export type PictureFetcher = (url: URL) => Promise<Buffer>;

/** What `createPictureFetcher` takes. */
export type PictureFetcherOptions = {
  /** Hosts, with their ports, that may be private or have unusual ports. */
  readonly trustedHosts: ReadonlySet<string>;
  readonly maxBytes: number;
  /** From the first look-up to the last byte, over all redirects. */
  readonly timeoutMs: number;
  /** The name servers of the system by default. */
  readonly resolve?: ResolveName;
};

const maxRedirects = 3;
const maxHeaderBytes = 8 * 1024;
const maxUrlLength = 2_000;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/**
 * Formats that are decoded afterwards. Bytes in a content encoding are not taken: what is small on the wire may be
 * huge when decoded.
 */
const requestHeaders = {
  accept: "image/avif,image/webp,image/png,image/jpeg,image/gif",
  "accept-encoding": "identity",
  "user-agent": "Plaza",
};

/**
 * Creates the only code of Plaza that calls addresses which strangers write. It speaks http and https on the
 * standard ports to public addresses, over a connection of its own, and sends neither cookies nor a referrer.
 */
export function createPictureFetcher(options: PictureFetcherOptions): PictureFetcher {
  const { trustedHosts, maxBytes, timeoutMs, resolve = createNameResolver() } = options;
  const onlyPublic = publicLookup(resolve);

  async function fetchFrom(url: URL, signal: AbortSignal, redirects: number): Promise<Buffer> {
    const response = await get(url, lookupFor(url), signal);
    const { statusCode = 0, headers } = response;
    try {
      if (redirectStatuses.has(statusCode) && headers.location !== undefined) {
        if (redirects === maxRedirects) throw new Error("too many redirects");
        return await fetchFrom(new URL(headers.location, url), signal, redirects + 1);
      }
      if (statusCode !== 200) throw new Error(`status ${statusCode}`);
      const encoding = headers["content-encoding"] ?? "identity";
      if (encoding !== "identity") throw new Error(`content encoding ${encoding}`);
      return await readBytes(response, maxBytes);
    } finally {
      response.destroy();
    }
  }

  /** Undefined for a trusted host. Throws unless the URL may be called. */
  function lookupFor(url: URL): LookupFunction | undefined {
    const { protocol, hostname, host, port, username, password, href } = url;
    if (protocol !== "https:" && protocol !== "http:") throw new Error(`scheme ${protocol}`);
    if (username || password) throw new Error("a URL with credentials");
    if (href.length > maxUrlLength) throw new Error("a URL that is too long");
    if (trustedHosts.has(host)) return undefined;
    if (port !== "") throw new Error(`port ${port}`);
    // Node looks no address up, so that the lookup would not see it.
    const address = hostname.replace(/^\[|\]$/g, "");
    if (isIP(address) && !isPublicAddress(address)) throw new Error(`${address} is not public`);
    return onlyPublic;
  }

  return (url) => fetchFrom(url, AbortSignal.timeout(timeoutMs), 0);
}

function get(
  url: URL,
  lookup: LookupFunction | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = {
      headers: requestHeaders,
      maxHeaderSize: maxHeaderBytes,
      agent: false,
      signal,
      ...(lookup && { lookup }),
    } as const;
    const { request } = url.protocol === "https:" ? https : http;
    request(url, options, resolve).on("error", reject).end();
  });
}

async function readBytes(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(response.headers["content-length"]) > maxBytes) throw new Error("too many bytes");
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    byteCount += chunk.length;
    if (byteCount > maxBytes) throw new Error("too many bytes");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
