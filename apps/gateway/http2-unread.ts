import type { Http2Server, ServerHttp2Stream } from "node:http2";

/** Time for the end of the answer to be sent before the stream is reset. */
const afterMs = 50;

/**
 * Ends streams that Node would keep until their session ends, because nobody reads what is left of
 * their request: those that the client has reset, and those whose answer is out although the request is
 * still coming. The latter get RST_STREAM with NO_ERROR (RFC 9113, section 8.1), since a refused upload
 * would wait for ever for a window to be opened.
 */
export function endUnreadStreams(server: Http2Server): void {
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.once("aborted", () => stream.destroy());
    stream.once("finish", () => {
      if (!isReadWhole(stream)) setTimeout(() => stream.destroy(), afterMs);
    });
  });
}

function isReadWhole(stream: ServerHttp2Stream): boolean {
  return stream.endAfterHeaders || stream.readableEnded;
}
