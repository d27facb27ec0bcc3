import type { Logger } from "../telemetry/log.ts";
import type { PubSubConnector } from "./pubsub.ts";

const maxReconnectDelayMs = 1_000;

/**
 * PubSub backend over PUBLISH and SUBSCRIBE of one Redis channel, with one publisher and one subscriber
 * connection. Reconnects with backoff and calls `onGap` after each (re)connect. Has no offline queue: what
 * cannot be sent is dropped. Logs each outage once.
 */
export function redisBackend(url: string, channel: string, log: Logger): PubSubConnector {
  return ({ onBatch, onGap }) => {
    const clients = createClients(url, log);
    const subscribed = clients.then(({ subscriber }) => {
      // After a reconnect too: the connection that had subscribed is lost.
      const subscribe = () => subscriber.subscribe(channel, onBatch).then(onGap);
      subscriber.on("ready", () => void subscribe().catch(() => undefined));
      return subscriber.connect();
    });
    subscribed.catch(() => undefined);
    return {
      // Far below the limit of Redis, so that one batch does not delay others for long.
      maxBytes: 64 * 1024,
      send: async (batch) => (await clients).publisher.publish(channel, batch),
      async close() {
        const { publisher, subscriber } = await clients;
        for (const client of [publisher, subscriber]) client.destroy();
      },
    };
  };
}

async function createClients(url: string, log: Logger) {
  // Imported on demand: most deployments have no Redis.
  const { createClient } = await import("@redis/client");
  const createOne = () => {
    const client = createClient({
      url,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, maxReconnectDelayMs) },
    });
    let isDown = false;
    // The client reconnects by itself; without an error listener the process would crash.
    client.on("error", (err) => {
      if (!isDown) log.warn({ err }, "Redis cannot be reached");
      isDown = true;
    });
    client.on("ready", () => {
      if (isDown) log.info("Redis is back");
      isDown = false;
    });
    return client;
  };
  const [publisher, subscriber] = [createOne(), createOne()];
  publisher.connect().catch(() => undefined);
  return { publisher, subscriber };
}
