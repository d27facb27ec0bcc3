import type { Http2Server, ServerHttp2Session } from "node:http2";

/**
 * Watches the sessions of an HTTP/2 server and answers how to end them: each is told to make no new
 * streams (GOAWAY, RFC 9113 section 6.8) and closes when its last one is done; what is left after
 * `graceMs` is cut. Node's own `server.close` waits for sessions, which idle clients keep for ever.
 */
export function drainer(server: Http2Server): (graceMs: number) => Promise<void> {
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  return async (graceMs) => {
    const ended = [...sessions].map(
      (session) =>
        new Promise<void>((resolve) => {
          session.once("close", resolve);
          session.close();
        }),
    );
    const cut = setTimeout(() => {
      for (const session of sessions) session.destroy();
    }, graceMs);
    await Promise.all(ended);
    clearTimeout(cut);
  };
}
