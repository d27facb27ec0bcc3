import type { Logger } from "../telemetry/log.ts";
import type { PubSubConnector } from "./pubsub.ts";

const maxReconnectDelayMs = 1_000;

/**
 * Carries texts by Redis' PUBLISH to one channel, over one connection that listens and one that sends. A
 * lost connection is replaced, again and again; then something may have been missed. Nothing is kept for
 * when Redis is back: what cannot be sent is lost, as hints may be. The log is told of each outage once.
 */
export function redisBackend(url: string, channel: string, log: Logger): PubSubConnector {
  return ({ received, missed }) => {
    const opened = createClients(url, log);
    const listening = opened.then(({ listener }) => {
      // Asks again each time: a connection that was lost meanwhile has not listened.
      const listen = () => listener.subscribe(channel, received).then(missed);
      listener.on("ready", () => void listen().catch(() => undefined));
      return listener.connect();
    });
    listening.catch(() => undefined);
    return {
      // Far below what Redis takes: nobody should wait long behind one text.
      maxBytes: 64 * 1024,
      send: async (text) => (await opened).sender.publish(channel, text),
      async close() {
        const { sender, listener } = await opened;
        for (const client of [sender, listener]) client.destroy();
      },
    };
  };
}

async function createClients(url: string, log: Logger) {
  // Loaded by those who use it only.
  const { createClient } = await import("@redis/client");
  const make = () => {
    const client = createClient({
      url,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, maxReconnectDelayMs) },
    });
    let isOut = false;
    // It connects again by itself; without a listener an error would end the process.
    client.on("error", (err) => {
      if (!isOut) log.warn({ err }, "Redis cannot be reached");
      isOut = true;
    });
    client.on("ready", () => {
      if (isOut) log.info("Redis is back");
      isOut = false;
    });
    return client;
  };
  const [sender, listener] = [make(), make()];
  sender.connect().catch(() => undefined);
  return { sender, listener };
}
