import { randomBytes } from "node:crypto";

/** What a part of a process hears. */
export type PubSubListener = {
  /** One line, as it was published. */
  onMessage(line: string): void;
  /** Lines may have been missed: look for yourself at what they would have told. */
  onGap?(): void;
};

/**
 * Tells something to all processes that host a service. What is told is a hint and never a record: lines
 * can get lost, and those of different processes come in any order.
 */
export type PubSub = {
  /**
   * Tells a line to all listeners of a topic: to those of this process at once, to the others soon. A topic
   * is one word, a line is text without line breaks, of up to 4,000 bytes. What is published in one turn of
   * the event loop travels together.
   */
  publish(topic: string, line: string): void;
  /** Hears the lines of a topic from now on; answers what ends it. */
  subscribe(topic: string, listener: PubSubListener): () => void;
  close(): Promise<void>;
};

/** What carries texts between processes. */
export type PubSubBackend = {
  /** The longest text that it takes, in bytes. */
  readonly maxBytes: number;
  /** Sends a text to all that are connected, this one included or not. */
  send(text: string): Promise<unknown>;
  close(): Promise<void>;
};

/** Makes a carrier, which says what it receives, and when it may have missed something. */
export type PubSubConnector = (on: {
  received(text: string): void;
  missed(): void;
}) => PubSubBackend;

/** So many lines wait for a carrier that cannot keep up; older ones are dropped. */
const maxQueuedLines = 10_000;

/** Makes a fan-out. The carrier is opened when it is first needed. */
export function createPubSub(connect: PubSubConnector): PubSub {
  // Says who sent a text: what was told here is not heard again when it comes back.
  const self = randomBytes(9).toString("base64url");
  const listeners = new Map<string, Set<PubSubListener>>();
  let carrier: PubSubBackend | undefined;
  let waiting: string[] = [];
  let isSending = false;

  function tell(topic: string, line: string): void {
    for (const listener of listeners.get(topic) ?? []) listener.onMessage(line);
  }

  function received(text: string): void {
    const [sender, ...lines] = text.split("\n");
    if (sender === self) return;
    for (const line of lines) {
      const space = line.indexOf(" ");
      tell(line.slice(0, space), line.slice(space + 1));
    }
  }

  function missed(): void {
    for (const listener of [...listeners.values()].flatMap((some) => [...some])) {
      listener.onGap?.();
    }
  }

  async function flush({ maxBytes, send }: PubSubBackend): Promise<void> {
    while (waiting.length > 0) {
      let text = self;
      let taken = 0;
      for (const line of waiting) {
        const longer = `${text}\n${line}`;
        if (taken > 0 && Buffer.byteLength(longer) > maxBytes) break;
        text = longer;
        taken += 1;
      }
      waiting = waiting.slice(taken);
      // Lost, as hints may be.
      await send(text).catch(() => undefined);
    }
    isSending = false;
  }

  const opened = (): PubSubBackend => (carrier ??= connect({ received, missed }));

  return {
    publish(topic, line) {
      tell(topic, line);
      waiting.push(`${topic} ${line}`);
      if (waiting.length > maxQueuedLines) waiting = waiting.slice(-maxQueuedLines / 2);
      if (isSending) return;
      isSending = true;
      const through = opened();
      setImmediate(() => void flush(through));
    },
    subscribe(topic, listener) {
      opened();
      const some = listeners.get(topic) ?? new Set();
      listeners.set(topic, some.add(listener));
      return () => some.delete(listener);
    },
    async close() {
      await carrier?.close();
    },
  };
}
