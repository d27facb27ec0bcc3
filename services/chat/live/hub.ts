import { setImmediate as nextTurn } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { type SubscribeResponse, SubscribeResponseSchema } from "@plaza/contract/chat/v1/stream";
import { Fault } from "@plaza/kit/errors/fault";
import { shared } from "@plaza/kit/rpc/broadcast-message";
import type { Deps } from "@plaza/kit/runtime/service";
import { type EntryWithMessage, type VisibleRange, visibleDuring } from "../domain/entry.ts";
import { toEntry } from "../mappers/entry.ts";
import { type ChatAdvance, currentSnapshot, findAdvanced } from "../store/entries.ts";
import { readLog } from "../store/log-reader.ts";

/** Somebody who follows chats in this process. */
export type Subscriber = {
  readonly userId: string;
  /** The next entries of a chat that he watches. */
  deliver(deliveries: readonly Delivery[]): void;
  /** Something that is no entry; it may be about no chat. */
  relay(event: SubscribeResponse, chatId?: string): void;
  /** He was added to a chat. */
  onAdded(chatId: string): void;
  heartbeat(): void;
  end(reason: Fault): void;
};

/** An entry on its way to all who watch its chat: one message for all, or the two that differ. */
export class Delivery {
  readonly entry: EntryWithMessage;
  /** About as many as it takes on the wire. */
  readonly bytes: number;
  readonly #eventWithMessage: SubscribeResponse;
  #eventWithoutMessage: SubscribeResponse | undefined;

  constructor(entry: EntryWithMessage) {
    this.entry = entry;
    this.bytes = estimateBytes(entry);
    this.#eventWithMessage = toEvent(entry);
  }

  /** What somebody is told for a stay. */
  eventFor(stay: Omit<VisibleRange, "after">): SubscribeResponse {
    const seen = visibleDuring(this.entry, stay);
    if (seen === this.entry) return this.#eventWithMessage;
    this.#eventWithoutMessage ??= toEvent(seen);
    return this.#eventWithoutMessage;
  }
}

/** A chat that is followed in this process. */
type WatchedChat = {
  readonly chatId: string;
  /** Up to where its entries were told. */
  seq: number;
  readonly subscribers: Set<Subscriber>;
};

const heartbeatMs = 15_000;
/** How much is read of the table at once: entries of each chat, and chats. */
const entriesPerRead = 200;
const chatsPerRead = 100;
/** Followers are told so many entries in one turn of the event loop: nobody else waits until thousands are told. */
const deliveriesPerTurn = 100;
/** A follower is told so much at once; more does not leave in one write. */
const chunkBytes = 64 * 1024;

/**
 * Tells the chats' entries to those who follow them in this process. Each entry is read once for all of them,
 * in the order of its seq, when a hint says that its chat has gone on; because hints can get lost, `look` is
 * to be called once a second.
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
    pubsub.subscribe("moved", {
      onMessage: (line) => {
        const [chatId = "", seq] = line.split(" ");
        this.#markLagging(chatId, Number(seq));
      },
      onGap: () => void this.poll().catch((err) => log.warn({ err }, "cannot look")),
    });
    pubsub.subscribe("added", {
      onMessage: (line) => {
        const [userId = "", chatId = ""] = line.split(" ");
        this.#notifyAdded(userId, chatId);
      },
    });
  }

  /** Says, in all processes, that a chat has gone on; to be called when that is committed. */
  notifyAdvanced({ chatId, lastSeq, added }: ChatAdvance): void {
    this.#pubsub.publish("moved", `${chatId} ${lastSeq}`);
    for (const userId of added) this.#pubsub.publish("added", `${userId} ${chatId}`);
  }

  /** Who follows anything at all, by user id. */
  get subscribedUserIds(): readonly string[] {
    return [...this.#subscribers.keys()];
  }

  /** Whether somebody follows anything at all. */
  isSubscribed(userId: string): boolean {
    return this.#subscribers.has(userId);
  }

  /** From now on he learns of chats that he is added to. */
  addSubscriber(follower: Subscriber): void {
    const some = this.#subscribers.get(follower.userId) ?? new Set();
    this.#subscribers.set(follower.userId, some.add(follower));
    this.#heartbeatTimer ??= setInterval(() => this.#sendHeartbeats(), heartbeatMs).unref();
  }

  removeSubscriber(follower: Subscriber, chatIds: Iterable<string>): void {
    for (const chatId of chatIds) this.unwatch(follower, chatId);
    const some = this.#subscribers.get(follower.userId);
    some?.delete(follower);
    if (some?.size === 0) this.#subscribers.delete(follower.userId);
    if (this.#subscribers.size > 0) return;
    clearInterval(this.#heartbeatTimer);
    this.#heartbeatTimer = undefined;
  }

  /** From now on he is told the entries of the chat. `seq` is where the chat was a moment ago. */
  watch(follower: Subscriber, chatId: string, seq: number): void {
    const watch = this.#watchedChats.get(chatId) ?? { chatId, seq, subscribers: new Set() };
    watch.subscribers.add(follower);
    if (this.#watchedChats.has(chatId)) return;
    this.#watchedChats.set(chatId, watch);
    // A hint that came between that moment and now was meant for nobody.
    this.#markLagging(chatId, seq + 1);
  }

  unwatch(follower: Subscriber, chatId: string): void {
    const watch = this.#watchedChats.get(chatId);
    watch?.subscribers.delete(follower);
    if (!watch || watch.subscribers.size > 0) return;
    this.#watchedChats.delete(chatId);
    this.#lagging.delete(watch);
  }

  /** Up to where the entries of a watched chat were told. Whoever knows that much misses nothing from now on. */
  deliveredSeq(chatId: string): number {
    return this.#watchedChats.get(chatId)?.seq ?? 0;
  }

  /** Passes something on to all here who watch the chat. */
  relay(chatId: string, event: SubscribeResponse): void {
    for (const follower of this.#watchedChats.get(chatId)?.subscribers ?? [])
      follower.relay(event, chatId);
  }

  /** Passes something on to somebody, if he follows anything here. */
  relayToUser(userId: string, event: SubscribeResponse): void {
    for (const follower of this.#subscribers.get(userId) ?? []) follower.relay(event);
  }

  /** Who watches a chat here. */
  watchersOf(chatId: string): readonly string[] {
    const followers = this.#watchedChats.get(chatId)?.subscribers ?? [];
    return [...new Set(Array.from(followers, ({ userId }) => userId))];
  }

  /** Finds what has happened since the last look, whether there were hints or not. */
  async poll(): Promise<void> {
    if (this.#snapshot === undefined) {
      this.#snapshot = await currentSnapshot(this.#db);
      for (const { chatId, seq } of this.#watchedChats.values()) this.#markLagging(chatId, seq + 1);
      return;
    }
    const { seen, moves } = await findAdvanced(this.#db, this.#snapshot);
    this.#snapshot = seen;
    for (const { chatId, lastSeq, added } of moves) {
      for (const userId of added) this.#notifyAdded(userId, chatId);
      this.#markLagging(chatId, lastSeq);
    }
    // Also what could not be read before.
    this.#scheduleRead();
  }

  /** Ends all that is followed here. */
  close(): void {
    const closing = new Fault("unavailable", "SERVER_CLOSING", "subscribe again", {
      retryAfterMs: 100,
    });
    for (const follower of this.#allSubscribers()) follower.end(closing);
  }

  #allSubscribers(): Subscriber[] {
    return [...this.#subscribers.values()].flatMap((some) => [...some]);
  }

  #notifyAdded(userId: string, chatId: string): void {
    for (const follower of this.#subscribers.get(userId) ?? []) follower.onAdded(chatId);
  }

  #markLagging(chatId: string, seq: number): void {
    const watch = this.#watchedChats.get(chatId);
    if (!watch || watch.seq >= seq) return;
    this.#lagging.add(watch);
    this.#scheduleRead();
  }

  #scheduleRead(): void {
    if (this.#isReading || this.#lagging.size === 0) return;
    this.#isReading = true;
    setImmediate(() => void this.#readLagging());
  }

  async #readLagging(): Promise<void> {
    while (this.#lagging.size > 0) {
      const some = [...this.#lagging].slice(0, chatsPerRead);
      for (const watch of some) this.#lagging.delete(watch);
      try {
        this.#requeue(await this.#readPage(some));
      } catch (err) {
        this.#requeue(some);
        this.#log.warn({ err }, "cannot read what is new; the next look will");
        break;
      }
    }
    this.#isReading = false;
  }

  /** A chat that was left, or left and come back to, is none of these any more. */
  #requeue(some: readonly WatchedChat[]): void {
    for (const watch of some) if (this.#isCurrent(watch)) this.#lagging.add(watch);
  }

  #isCurrent(watch: WatchedChat): boolean {
    return this.#watchedChats.get(watch.chatId) === watch;
  }

  /** Reads and tells what is new of some chats; answers those of which there may be more. */
  async #readPage(some: readonly WatchedChat[]): Promise<WatchedChat[]> {
    const parts = some.map(({ chatId, seq }) => ({ chatId, after: seq, until: null }));
    const { entries, rest } = await readLog(this.#db, parts, entriesPerRead);
    const news = Map.groupBy(entries, ({ chatId }) => chatId);
    for (const watch of some) {
      if (this.#isCurrent(watch)) await this.#deliver(watch, news.get(watch.chatId) ?? []);
    }
    return some.filter(({ chatId }) => rest.has(chatId));
  }

  /**
   * Tells each follower many entries at once, since what leaves in one turn leaves in one write. Whoever goes
   * live meanwhile has read them: the chat's position is past them from the start.
   */
  async #deliver(watch: WatchedChat, news: readonly EntryWithMessage[]): Promise<void> {
    watch.seq = news.at(-1)?.seq ?? watch.seq;
    for (const portion of chunksOf(news.map((entry) => new Delivery(entry)))) {
      let told = 0;
      for (const follower of [...watch.subscribers]) {
        follower.deliver(portion);
        told += portion.length;
        if (told < deliveriesPerTurn) continue;
        await nextTurn();
        told = 0;
      }
      await nextTurn();
    }
  }

  #sendHeartbeats(): void {
    for (const follower of this.#allSubscribers()) follower.heartbeat();
  }
}

function estimateBytes({ message, memberIds }: EntryWithMessage): number {
  const felt = message?.reactions.reduce((sum, { userIds }) => sum + userIds.length, 0) ?? 0;
  return 300 + 3 * (message?.text.length ?? 0) + 38 * (memberIds.length + felt);
}

function chunksOf(deliveries: readonly Delivery[]): Delivery[][] {
  const portions: Delivery[][] = [];
  let left = 0;
  for (const delivery of deliveries) {
    if (delivery.bytes > left) {
      portions.push([]);
      left = chunkBytes;
    }
    portions.at(-1)?.push(delivery);
    left -= delivery.bytes;
  }
  return portions;
}

function toEvent(entry: EntryWithMessage): SubscribeResponse {
  const value = toEntry(entry);
  return shared(create(SubscribeResponseSchema, { event: { case: "entry", value } }));
}
