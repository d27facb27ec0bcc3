/**
 * The headers or trailers of a service that its clients get: without those of protocols, which hold for one hop, those
 * that begin with `plaza-`, which are internal, and values that gRPC cannot carry.
 */
export function applicationHeaders(from: Headers): Headers {
  const headers = new Headers(from);
  for (const [name, value] of from) {
    if (hopPattern.test(name) || !printableAscii.test(value)) headers.delete(name);
  }
  return headers;
}

const printableAscii = /^[\x20-\x7e]*$/;
const hopPattern =
  /^(plaza-|grpc-|connect-|content-|trailer-)|^(accept-encoding|transfer-encoding|connection|trailer|date)$/;
