/**
 * The headers or trailers of a service that its clients get: without those of protocols, which hold for one hop, and
 * those that begin with `plaza-`, which are internal.
 */
export function applicationHeaders(from: Headers): Headers {
  const headers = new Headers(from);
  for (const name of [...from.keys()]) if (hopPattern.test(name)) headers.delete(name);
  return headers;
}

const hopPattern =
  /^(plaza-|grpc-|connect-|content-|trailer-)|^(accept-encoding|transfer-encoding|connection|trailer|date)$/;
