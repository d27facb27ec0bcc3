import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Finds a free loopback port, for a process that gets its port as a setting. Another process may take it in
 * between.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
