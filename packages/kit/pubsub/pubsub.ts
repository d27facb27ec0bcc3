import { randomBytes } from "node:crypto";

/** Receives the messages of a topic. */
export type PubSubListener = {
  /** One message, as it was published. */
  onMessage(message: string): void;
  /** Messages may have been lost: read the source of truth again. */
  onGap?(): void;
};

/**
 * Best-effort pub/sub between all processes that host a service. A message is a hint, not a record: it can be
 * lost, and messages of different processes arrive in any order.
 */
export type PubSub = {
  /**
   * Delivers a message to the listeners of a topic: synchronously in this process, asynchronously in the
   * others. A topic is one word; a message is text without line breaks, at most 4,000 bytes. Messages that
   * are published in one turn of the event loop are sent as one batch.
   */
  publish(topic: string, message: string): void;
  /** Subscribes to a topic; returns the function that unsubscribes. */
  subscribe(topic: string, listener: PubSubListener): () => void;
  close(): Promise<void>;
};

/** Transport of batches between processes. */
export type PubSubBackend = {
  /** Maximum size of a batch in bytes. */
  readonly maxBytes: number;
  /** Sends a batch to all connected processes; may echo it to this one. */
  send(batch: string): Promise<unknown>;
  close(): Promise<void>;
};

/** What a backend calls. */
export type PubSubCallbacks = {
  /** A batch was received. */
  onBatch(batch: string): void;
  /** The backend has (re)connected: earlier batches may be lost. */
  onGap(): void;
};

/** Connects a backend. */
export type PubSubConnector = (callbacks: PubSubCallbacks) => PubSubBackend;

/** When more messages wait for a slow backend, the oldest are dropped. */
const maxQueuedLines = 10_000;

/** Creates a pub/sub; the first publish or subscribe connects its backend. */
export function createPubSub(connect: PubSubConnector): PubSub {
  // To ignore our own batches when they are echoed.
  const senderId = randomBytes(9).toString("base64url");
  const listeners = new Map<string, Set<PubSubListener>>();
  let backend: PubSubBackend | undefined;
  let queuedLines: string[] = [];
  let isSending = false;

  function deliver(topic: string, message: string): void {
    for (const listener of listeners.get(topic) ?? []) listener.onMessage(message);
  }

  // A batch is the sender's id and, each on a line of its own, topic, space, message.
  function onBatch(batch: string): void {
    const [sender, ...lines] = batch.split("\n");
    if (sender === senderId) return;
    for (const line of lines) {
      const space = line.indexOf(" ");
      deliver(line.slice(0, space), line.slice(space + 1));
    }
  }

  function onGap(): void {
    for (const listener of [...listeners.values()].flatMap((some) => [...some])) {
      listener.onGap?.();
    }
  }

  async function flush({ maxBytes, send }: PubSubBackend): Promise<void> {
    while (queuedLines.length > 0) {
      let batch = senderId;
      let lineCount = 0;
      for (const line of queuedLines) {
        const longer = `${batch}\n${line}`;
        if (lineCount > 0 && Buffer.byteLength(longer) > maxBytes) break;
        batch = longer;
        lineCount += 1;
      }
      queuedLines = queuedLines.slice(lineCount);
      // Messages are hints: a batch that cannot be sent is dropped.
      await send(batch).catch(() => undefined);
    }
    isSending = false;
  }

  const connected = (): PubSubBackend => (backend ??= connect({ onBatch, onGap }));

  return {
    publish(topic, message) {
      deliver(topic, message);
      queuedLines.push(`${topic} ${message}`);
      if (queuedLines.length > maxQueuedLines) queuedLines = queuedLines.slice(-maxQueuedLines / 2);
      if (isSending) return;
      isSending = true;
      const current = connected();
      setImmediate(() => void flush(current));
    },
    subscribe(topic, listener) {
      connected();
      const ofTopic = listeners.get(topic) ?? new Set();
      listeners.set(topic, ofTopic.add(listener));
      return () => ofTopic.delete(listener);
    },
    async close() {
      await backend?.close();
    },
  };
}
