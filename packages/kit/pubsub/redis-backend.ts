import type { Logger } from "../telemetry/log.ts";
import type { PubSubConnector } from "./pubsub.ts";
import { createRedisClient } from "./redis-client.ts";

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
  const [publisher, subscriber] = await Promise.all([
    createRedisClient(url, log),
    createRedisClient(url, log),
  ]);
  publisher.connect().catch(() => undefined);
  return { publisher, subscriber };
}
