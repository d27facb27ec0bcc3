import { setImmediate as nextTurn } from "node:timers/promises";
import type { SubscribeResponse } from "@plaza/contract/chat/v1/stream";
import { Fault } from "@plaza/kit/errors/fault";
import type { Deps } from "@plaza/kit/runtime/service";
import type { EntryWithMessage } from "../domain/entry.ts";
import { type ChatAdvance, currentSnapshot, findAdvanced } from "../store/entries.ts";
import { readLog } from "../store/log-reader.ts";
import { Delivery } from "./delivery.ts";

/** A stream that is subscribed to chats in this process. */
export type Subscriber = {
  readonly userId: string;
  /** Delivers the next entries of a watched chat. */
  deliver(deliveries: readonly Delivery[]): void;
  /** Relays an event that is not a log entry; without `chatId` it concerns no chat. */
  relay(event: SubscribeResponse, chatId?: string): void;
  /** Called when the user was added to a chat. */
  onAdded(chatId: string): void;
  heartbeat(): void;
  end(reason: Fault): void;
};
/** A chat with at least one watcher in this process. */
type WatchedChat = {
  readonly chatId: string;
  /** The seq of the last entry delivered. */
  seq: number;
  readonly subscribers: Set<Subscriber>;
};

const heartbeatMs = 15_000;
/** Entries per chat, and chats, read by one query. */
const entriesPerRead = 200;
const chatsPerRead = 100;
/** Deliveries per turn of the event loop, so that thousands of subscribers do not block it. */
const deliveriesPerTurn = 100;
/** Bytes delivered to a subscriber at once; more would not leave in one write. */
const chunkBytes = 64 * 1024;

/**
 * Delivers new entries to the subscribers in this process. Each entry is read once for all of them, in the
 * order of `seq`, when a hint says that its chat advanced. Hints can be lost: call `poll` once a second.
 */
export class Hub {
  readonly #db: Deps["db"];
  readonly #log: Deps["log"];
  readonly #pubsub: Deps["pubsub"];
  readonly #watchedChats = new Map<string, WatchedChat>();
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #lagging = new Set<WatchedChat>();
  #isReading = false;
  #snapshot: string | undefined;
  #heartbeatTimer: NodeJS.Timeout | undefined;

  constructor({ db, log, pubsub }: Pick<Deps, "db" | "log" | "pubsub">) {
    this.#db = db;
    this.#log = log;
    this.#pubsub = pubsub;
    pubsub.subscribe("advanced", {
      onMessage: (line) => {
        const [chatId = "", seq] = line.split(" ");
        this.#markLagging(chatId, Number(seq));
      },
      onGap: () =>
        void this.poll().catch((err) => log.warn({ err }, "cannot poll for new entries")),
    });
    pubsub.subscribe("member_added", {
      onMessage: (line) => {
        const [userId = "", chatId = ""] = line.split(" ");
        this.#notifyAdded(userId, chatId);
      },
    });
  }

  /** Notifies all processes that a chat advanced. Call after the commit. */
  notifyAdvanced({ chatId, lastSeq, added }: ChatAdvance): void {
    this.#pubsub.publish("advanced", `${chatId} ${lastSeq}`);
    for (const userId of added) this.#pubsub.publish("member_added", `${userId} ${chatId}`);
  }

  /** Users with a subscription in this process. */
  get subscribedUserIds(): readonly string[] {
    return [...this.#subscribers.keys()];
  }

  /** Whether the user has a subscription in this process. */
  isSubscribed(userId: string): boolean {
    return this.#subscribers.has(userId);
  }

  /** From now on the subscriber learns of chats that its user is added to. */
  addSubscriber(subscriber: Subscriber): void {
    const own = this.#subscribers.get(subscriber.userId) ?? new Set();
    this.#subscribers.set(subscriber.userId, own.add(subscriber));
    this.#heartbeatTimer ??= setInterval(() => this.#sendHeartbeats(), heartbeatMs).unref();
  }

  removeSubscriber(subscriber: Subscriber, chatIds: Iterable<string>): void {
    for (const chatId of chatIds) this.unwatch(subscriber, chatId);
    const own = this.#subscribers.get(subscriber.userId);
    own?.delete(subscriber);
    if (own?.size === 0) this.#subscribers.delete(subscriber.userId);
    if (this.#subscribers.size > 0) return;
    clearInterval(this.#heartbeatTimer);
    this.#heartbeatTimer = undefined;
  }

  /** From now on the subscriber gets the entries of the chat, whose last entry was `seq` a moment ago. */
  watch(subscriber: Subscriber, chatId: string, seq: number): void {
    const watched = this.#watchedChats.get(chatId) ?? { chatId, seq, subscribers: new Set() };
    watched.subscribers.add(subscriber);
    if (this.#watchedChats.has(chatId)) return;
    this.#watchedChats.set(chatId, watched);
    // A hint that came since that moment has been ignored.
    this.#markLagging(chatId, seq + 1);
  }

  unwatch(subscriber: Subscriber, chatId: string): void {
    const watched = this.#watchedChats.get(chatId);
    watched?.subscribers.delete(subscriber);
    if (!watched || watched.subscribers.size > 0) return;
    this.#watchedChats.delete(chatId);
    this.#lagging.delete(watched);
  }

  /** The last entry delivered to watchers of the chat. A subscriber that has it misses nothing from now on. */
  deliveredSeq(chatId: string): number {
    return this.#watchedChats.get(chatId)?.seq ?? 0;
  }

  /** Relays an event to all watchers of the chat in this process. */
  relay(chatId: string, event: SubscribeResponse): void {
    for (const subscriber of this.#watchedChats.get(chatId)?.subscribers ?? [])
      subscriber.relay(event, chatId);
  }

  /** Relays an event to the subscriptions of the user in this process. */
  relayToUser(userId: string, event: SubscribeResponse): void {
    for (const subscriber of this.#subscribers.get(userId) ?? []) subscriber.relay(event);
  }

  /** The users who watch the chat in this process. */
  watchersOf(chatId: string): readonly string[] {
    const subscribers = this.#watchedChats.get(chatId)?.subscribers ?? [];
    return [...new Set(Array.from(subscribers, ({ userId }) => userId))];
  }

  /** Finds entries written since the last poll, with or without hints. */
  async poll(): Promise<void> {
    if (this.#snapshot === undefined) {
      this.#snapshot = await currentSnapshot(this.#db);
      for (const { chatId, seq } of this.#watchedChats.values()) this.#markLagging(chatId, seq + 1);
      return;
    }
    const { snapshot, advances } = await findAdvanced(this.#db, this.#snapshot);
    this.#snapshot = snapshot;
    for (const { chatId, lastSeq, added } of advances) {
      for (const userId of added) this.#notifyAdded(userId, chatId);
      this.#markLagging(chatId, lastSeq);
    }
    // Also retries what could not be read before.
    this.#scheduleRead();
  }

  /** Ends all subscriptions in this process. */
  close(): void {
    const closing = new Fault(
      "unavailable",
      "SERVER_CLOSING",
      "the server is shutting down; subscribe again",
      {
        retryAfterMs: 100,
      },
    );
    for (const subscriber of this.#allSubscribers()) subscriber.end(closing);
  }

  #allSubscribers(): Subscriber[] {
    return [...this.#subscribers.values()].flatMap((own) => [...own]);
  }

  #notifyAdded(userId: string, chatId: string): void {
    for (const subscriber of this.#subscribers.get(userId) ?? []) subscriber.onAdded(chatId);
  }

  #markLagging(chatId: string, seq: number): void {
    const watched = this.#watchedChats.get(chatId);
    if (!watched || watched.seq >= seq) return;
    this.#lagging.add(watched);
    this.#scheduleRead();
  }

  #scheduleRead(): void {
    if (this.#isReading || this.#lagging.size === 0) return;
    this.#isReading = true;
    setImmediate(() => void this.#readLagging());
  }

  async #readLagging(): Promise<void> {
    while (this.#lagging.size > 0) {
      const page = [...this.#lagging].slice(0, chatsPerRead);
      for (const watched of page) this.#lagging.delete(watched);
      try {
        this.#requeue(await this.#readPage(page));
      } catch (err) {
        this.#requeue(page);
        this.#log.warn({ err }, "cannot read new entries; retried at the next poll");
        break;
      }
    }
    this.#isReading = false;
  }

  /** Marks the chats as lagging again, without those that are no longer watched, or watched anew. */
  #requeue(chats: readonly WatchedChat[]): void {
    for (const watched of chats) if (this.#isCurrent(watched)) this.#lagging.add(watched);
  }

  #isCurrent(watched: WatchedChat): boolean {
    return this.#watchedChats.get(watched.chatId) === watched;
  }

  /** Reads and delivers new entries of the chats; returns the chats that may have more. */
  async #readPage(page: readonly WatchedChat[]): Promise<WatchedChat[]> {
    const ranges = page.map(({ chatId, seq }) => ({ chatId, after: seq, until: null }));
    const { entries, rest } = await readLog(this.#db, ranges, entriesPerRead);
    const byChat = Map.groupBy(entries, ({ chatId }) => chatId);
    for (const watched of page) {
      if (this.#isCurrent(watched)) await this.#deliver(watched, byChat.get(watched.chatId) ?? []);
    }
    return page.filter(({ chatId }) => rest.has(chatId));
  }

  /**
   * Delivers many entries to each subscriber at once, because what is written in one turn of the event loop
   * leaves in one write. A subscriber that goes live meanwhile has read them: `seq` advances first.
   */
  async #deliver(watched: WatchedChat, entries: readonly EntryWithMessage[]): Promise<void> {
    watched.seq = entries.at(-1)?.seq ?? watched.seq;
    for (const chunk of chunksOf(entries.map((entry) => new Delivery(entry)))) {
      let delivered = 0;
      for (const subscriber of [...watched.subscribers]) {
        subscriber.deliver(chunk);
        delivered += chunk.length;
        if (delivered < deliveriesPerTurn) continue;
        await nextTurn();
        delivered = 0;
      }
      await nextTurn();
    }
  }

  #sendHeartbeats(): void {
    for (const subscriber of this.#allSubscribers()) subscriber.heartbeat();
  }
}

function chunksOf(deliveries: readonly Delivery[]): Delivery[][] {
  const chunks: Delivery[][] = [];
  let left = 0;
  for (const delivery of deliveries) {
    if (delivery.bytes > left) {
      chunks.push([]);
      left = chunkBytes;
    }
    chunks.at(-1)?.push(delivery);
    left -= delivery.bytes;
  }
  return chunks;
}
