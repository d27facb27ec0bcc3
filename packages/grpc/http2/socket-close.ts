import type { Duplex } from "node:stream";

/**
 * Ends a socket after what is buffered, and drops what still arrives; destroys it when the peer does not close within
 * `timeoutMs`.
 */
export function closeSocketWithin(socket: Duplex, timeoutMs: number): void {
  const timer = setTimeout(() => socket.destroy(), timeoutMs).unref();
  socket.once("close", () => clearTimeout(timer));
  socket.end();
  socket.resume();
}
