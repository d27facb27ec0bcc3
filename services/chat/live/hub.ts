import { setImmediate as nextTurn } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { type SubscribeResponse, SubscribeResponseSchema } from "@plaza/contract/chat/v1/stream";
import { Fault } from "@plaza/kit/errors/fault";
import { shared } from "@plaza/kit/rpc/broadcast-message";
import type { Deps } from "@plaza/kit/runtime/service";
import { type Range, seenDuring, type Told } from "../domain/entry.ts";
import { toEntry } from "../mappers/chat.ts";
import { currentSnapshot, findMoves, type Move } from "../store/entries.ts";
import { readTold } from "../store/log-reader.ts";

/** Somebody who follows chats in this process. */
export type Follower = {
  readonly userId: string;
  /** The next entries of a chat that he watches. */
  tell(deliveries: readonly Delivery[]): void;
  /** Something that is no entry; it may be about no chat. */
  pass(event: SubscribeResponse, chatId?: string): void;
  /** He was added to a chat. */
  added(chatId: string): void;
  beat(): void;
  end(reason: Fault): void;
};

/** An entry on its way to all who watch its chat: one message for all, or the two that differ. */
export class Delivery {
  readonly entry: Told;
  /** About as many as it takes on the wire. */
  readonly bytes: number;
  readonly #full: SubscribeResponse;
  #bare: SubscribeResponse | undefined;

  constructor(entry: Told) {
    this.entry = entry;
    this.bytes = bytesOf(entry);
    this.#full = toEvent(entry);
  }

  /** What somebody is told for a stay. */
  during(stay: Omit<Range, "after">): SubscribeResponse {
    const seen = seenDuring(this.entry, stay);
    if (seen === this.entry) return this.#full;
    this.#bare ??= toEvent(seen);
    return this.#bare;
  }
}

/** A chat that is followed in this process. */
type Watch = {
  readonly chatId: string;
  /** Up to where its entries were told. */
  seq: number;
  readonly followers: Set<Follower>;
};

const beatMs = 15_000;
/** How much is read of the table at once: entries of each chat, and chats. */
const pageEntries = 200;
const pageChats = 100;
/** Followers are told so many entries in one turn of the event loop: nobody else waits until thousands are told. */
const toldAtOnce = 100;
/** A follower is told so much at once; more does not leave in one write. */
const portionBytes = 64 * 1024;

/**
 * Tells the chats' entries to those who follow them in this process. Each entry is read once for all of them,
 * in the order of its seq, when a hint says that its chat has gone on; because hints can get lost, `look` is
 * to be called once a second.
 */
export class Hub {
  readonly #db: Deps["db"];
  readonly #log: Deps["log"];
  readonly #fanOut: Deps["fanOut"];
  readonly #watches = new Map<string, Watch>();
  readonly #followers = new Map<string, Set<Follower>>();
  readonly #behind = new Set<Watch>();
  #isReading = false;
  #seen: string | undefined;
  #heart: NodeJS.Timeout | undefined;

  constructor({ db, log, fanOut }: Pick<Deps, "db" | "log" | "fanOut">) {
    this.#db = db;
    this.#log = log;
    this.#fanOut = fanOut;
    fanOut.subscribe("moved", {
      heard: (line) => {
        const [chatId = "", seq] = line.split(" ");
        this.#catchUp(chatId, Number(seq));
      },
      missed: () => void this.look().catch((err) => log.warn({ err }, "cannot look")),
    });
    fanOut.subscribe("added", {
      heard: (line) => {
        const [userId = "", chatId = ""] = line.split(" ");
        this.#added(userId, chatId);
      },
    });
  }

  /** Says, in all processes, that a chat has gone on; to be called when that is committed. */
  moved({ chatId, lastSeq, added }: Move): void {
    this.#fanOut.publish("moved", `${chatId} ${lastSeq}`);
    for (const userId of added) this.#fanOut.publish("added", `${userId} ${chatId}`);
  }

  /** Who follows anything at all, by user id. */
  get userIds(): readonly string[] {
    return [...this.#followers.keys()];
  }

  /** Whether somebody follows anything at all. */
  isFollowing(userId: string): boolean {
    return this.#followers.has(userId);
  }

  /** From now on he learns of chats that he is added to. */
  join(follower: Follower): void {
    const some = this.#followers.get(follower.userId) ?? new Set();
    this.#followers.set(follower.userId, some.add(follower));
    this.#heart ??= setInterval(() => this.#beat(), beatMs).unref();
  }

  leave(follower: Follower, chatIds: Iterable<string>): void {
    for (const chatId of chatIds) this.unwatch(follower, chatId);
    const some = this.#followers.get(follower.userId);
    some?.delete(follower);
    if (some?.size === 0) this.#followers.delete(follower.userId);
    if (this.#followers.size > 0) return;
    clearInterval(this.#heart);
    this.#heart = undefined;
  }

  /** From now on he is told the entries of the chat. `seq` is where the chat was a moment ago. */
  watch(follower: Follower, chatId: string, seq: number): void {
    const watch = this.#watches.get(chatId) ?? { chatId, seq, followers: new Set() };
    watch.followers.add(follower);
    if (this.#watches.has(chatId)) return;
    this.#watches.set(chatId, watch);
    // A hint that came between that moment and now was meant for nobody.
    this.#catchUp(chatId, seq + 1);
  }

  unwatch(follower: Follower, chatId: string): void {
    const watch = this.#watches.get(chatId);
    watch?.followers.delete(follower);
    if (!watch || watch.followers.size > 0) return;
    this.#watches.delete(chatId);
    this.#behind.delete(watch);
  }

  /** Up to where the entries of a watched chat were told. Whoever knows that much misses nothing from now on. */
  positionOf(chatId: string): number {
    return this.#watches.get(chatId)?.seq ?? 0;
  }

  /** Passes something on to all here who watch the chat. */
  pass(chatId: string, event: SubscribeResponse): void {
    for (const follower of this.#watches.get(chatId)?.followers ?? []) follower.pass(event, chatId);
  }

  /** Passes something on to somebody, if he follows anything here. */
  passTo(userId: string, event: SubscribeResponse): void {
    for (const follower of this.#followers.get(userId) ?? []) follower.pass(event);
  }

  /** Who watches a chat here. */
  watchersOf(chatId: string): readonly string[] {
    const followers = this.#watches.get(chatId)?.followers ?? [];
    return [...new Set(Array.from(followers, ({ userId }) => userId))];
  }

  /** Finds what has happened since the last look, whether there were hints or not. */
  async look(): Promise<void> {
    if (this.#seen === undefined) {
      this.#seen = await currentSnapshot(this.#db);
      for (const { chatId, seq } of this.#watches.values()) this.#catchUp(chatId, seq + 1);
      return;
    }
    const { seen, moves } = await findMoves(this.#db, this.#seen);
    this.#seen = seen;
    for (const { chatId, lastSeq, added } of moves) {
      for (const userId of added) this.#added(userId, chatId);
      this.#catchUp(chatId, lastSeq);
    }
    // Also what could not be read before.
    this.#schedule();
  }

  /** Ends all that is followed here. */
  close(): void {
    const closing = new Fault("unavailable", "SERVER_CLOSING", "subscribe again", {
      retryAfterMs: 100,
    });
    for (const follower of this.#all()) follower.end(closing);
  }

  #all(): Follower[] {
    return [...this.#followers.values()].flatMap((some) => [...some]);
  }

  #added(userId: string, chatId: string): void {
    for (const follower of this.#followers.get(userId) ?? []) follower.added(chatId);
  }

  #catchUp(chatId: string, seq: number): void {
    const watch = this.#watches.get(chatId);
    if (!watch || watch.seq >= seq) return;
    this.#behind.add(watch);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isReading || this.#behind.size === 0) return;
    this.#isReading = true;
    setImmediate(() => void this.#read());
  }

  async #read(): Promise<void> {
    while (this.#behind.size > 0) {
      const some = [...this.#behind].slice(0, pageChats);
      for (const watch of some) this.#behind.delete(watch);
      try {
        this.#readAgain(await this.#readPage(some));
      } catch (err) {
        this.#readAgain(some);
        this.#log.warn({ err }, "cannot read what is new; the next look will");
        break;
      }
    }
    this.#isReading = false;
  }

  /** A chat that was left, or left and come back to, is none of these any more. */
  #readAgain(some: readonly Watch[]): void {
    for (const watch of some) if (this.#isCurrent(watch)) this.#behind.add(watch);
  }

  #isCurrent(watch: Watch): boolean {
    return this.#watches.get(watch.chatId) === watch;
  }

  /** Reads and tells what is new of some chats; answers those of which there may be more. */
  async #readPage(some: readonly Watch[]): Promise<Watch[]> {
    const parts = some.map(({ chatId, seq }) => ({ chatId, after: seq, until: null }));
    const { entries, rest } = await readTold(this.#db, parts, pageEntries);
    const news = Map.groupBy(entries, ({ chatId }) => chatId);
    for (const watch of some) {
      if (this.#isCurrent(watch)) await this.#tell(watch, news.get(watch.chatId) ?? []);
    }
    return some.filter(({ chatId }) => rest.has(chatId));
  }

  /**
   * Tells each follower many entries at once, since what leaves in one turn leaves in one write. Whoever goes
   * live meanwhile has read them: the chat's position is past them from the start.
   */
  async #tell(watch: Watch, news: readonly Told[]): Promise<void> {
    watch.seq = news.at(-1)?.seq ?? watch.seq;
    for (const portion of portionsOf(news.map((entry) => new Delivery(entry)))) {
      let told = 0;
      for (const follower of [...watch.followers]) {
        follower.tell(portion);
        told += portion.length;
        if (told < toldAtOnce) continue;
        await nextTurn();
        told = 0;
      }
      await nextTurn();
    }
  }

  #beat(): void {
    for (const follower of this.#all()) follower.beat();
  }
}

function bytesOf({ message, memberIds }: Told): number {
  const felt = message?.reactions.reduce((sum, { userIds }) => sum + userIds.length, 0) ?? 0;
  return 300 + 3 * (message?.text.length ?? 0) + 38 * (memberIds.length + felt);
}

function portionsOf(deliveries: readonly Delivery[]): Delivery[][] {
  const portions: Delivery[][] = [];
  let left = 0;
  for (const delivery of deliveries) {
    if (delivery.bytes > left) {
      portions.push([]);
      left = portionBytes;
    }
    portions.at(-1)?.push(delivery);
    left -= delivery.bytes;
  }
  return portions;
}

function toEvent(entry: Told): SubscribeResponse {
  const value = toEntry(entry);
  return shared(create(SubscribeResponseSchema, { event: { case: "entry", value } }));
}
