import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { freePort } from "../free-port.ts";

/** Why tests that need a Redis server are skipped; false when there is one. */
export const skipWithoutRedis: string | false = spawnSync("redis-server", ["--version"]).error
  ? "needs redis-server: apt-get install redis-server"
  : false;

/** A Redis server for tests. */
export type TestRedis = {
  readonly url: string;
  /** Kills the server and starts it again at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts a Redis server without persistence on a free loopback port. */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort();
  let server = await launchRedis(port);
  const stop = async () => {
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    async restart() {
      await stop();
      server = await launchRedis(port);
    },
    stop,
  };
}

async function launchRedis(port: number): Promise<ChildProcess> {
  const settings = { port, bind: "127.0.0.1", save: "", appendonly: "no" };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "ignore"] });
  for await (const lines of server.stdout) {
    if (String(lines).includes("Ready to accept connections")) break;
  }
  return server;
}
