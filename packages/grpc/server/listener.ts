import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";

/** What listening takes. */
export type ListenerOptions = {
  /** Options of TLS as they are now, for each connection that comes in; without, cleartext. */
  readonly tls: (() => TlsOptions) | undefined;
  readonly handshakeMs: number;
  readonly maxConnections: number;
};

/** Makes what listens for a server, and gives it the connections that are ready for HTTP/2. */
export function createListener(
  { tls, handshakeMs, maxConnections }: ListenerOptions,
  accept: (socket: Socket) => void,
): Server {
  const listener = tls
    ? createTlsListener(tls, handshakeMs, accept)
    : createServer({ noDelay: true }, accept);
  // Closes what comes in before anything is spent on it.
  listener.maxConnections = maxConnections;
  return listener;
}

function createTlsListener(
  tls: () => TlsOptions,
  handshakeTimeout: number,
  accept: (socket: Socket) => void,
): Server {
  let used = tls();
  const listener = createTlsServer(
    { handshakeTimeout, noDelay: true, ...used, ALPNProtocols: ["h2"] },
    (socket) => {
      if (socket.alpnProtocol === "h2") accept(socket);
      else socket.destroy();
    },
  );
  // Ahead of Node's own listener, which begins the handshake.
  listener.prependListener("connection", () => {
    const now = tls();
    if (now === used) return;
    listener.setSecureContext(now);
    used = now;
  });
  // Node.js leaves open what did not finish its handshake in time.
  listener.on("tlsClientError", (_, socket: TLSSocket) => socket.destroy());
  return listener;
}
