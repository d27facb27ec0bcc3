import type { Logger } from "../telemetry/log.ts";

const maxReconnectDelayMs = 1_000;

/**
 * Creates a client that is not connected yet. Once connected it reconnects by itself, with backoff, and has no
 * offline queue: commands fail while Redis is down. Logs each outage once.
 */
export async function createRedisClient(url: string, log: Logger) {
  // Imported on demand: most deployments have no Redis.
  const { createClient } = await import("@redis/client");
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, maxReconnectDelayMs) },
  });
  let isDown = false;
  // Without an error listener the process would crash.
  client.on("error", (err) => {
    if (!isDown) log.warn({ err }, "Redis is unavailable");
    isDown = true;
  });
  client.on("ready", () => {
    if (isDown) log.info("Redis is available again");
    isDown = false;
  });
  return client;
}
