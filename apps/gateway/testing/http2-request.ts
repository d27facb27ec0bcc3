import { once } from "node:events";
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
  OutgoingHttpHeaders,
} from "node:http2";

/** Sends a request over HTTP/2. Returns the response's headers, and the stream that its body is read from. */
export async function requestHttp2(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string | Buffer,
): Promise<{
  readonly stream: ClientHttp2Stream;
  readonly headers: IncomingHttpHeaders & IncomingHttpStatusHeader;
}> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const [responseHeaders] = await once(stream, "response");
  return { stream, headers: responseHeaders };
}
