import { create } from "@bufbuild/protobuf";
import { type SubscribeResponse, SubscribeResponseSchema } from "@plaza/contract/chat/v1/stream";
import type { Db } from "@plaza/kit/db/database";
import { Fault, invalidField } from "@plaza/kit/errors/fault";
import { shared } from "@plaza/kit/rpc/broadcast-message";
import { noSuchChat } from "../domain/chat.ts";
import { isRemovalOf, rangesAfter, type Told } from "../domain/entry.ts";
import { readTold } from "../store/log-reader.ts";
import { listStays } from "../store/memberships.ts";
import { Delivery, type Follower, type Hub } from "./hub.ts";

/** Where a reader stands in a chat. */
type Place = {
  readonly fromSeq: number;
  until: number | null;
  /** The last entry that he was told, or is about to be. */
  seq: number;
  /** Whether the hub's next entry is the one that he lacks. Otherwise the table has it. */
  isLive: boolean;
};

/** What a reader asks for. */
export type Wanted = {
  readonly userId: string;
  /** The last seq that he knows, by chat. */
  readonly since: ReadonlyMap<string, number>;
  readonly fromBeginning: boolean;
  readonly signals: boolean;
};

/** What may wait for a reader. */
export const mostEvents = 1_000;
export const mostBytes = 1024 * 1024;

const pageEntries = 200;
const pageChats = 50;

export const heartbeat = shared(
  create(SubscribeResponseSchema, { event: { case: "heartbeat", value: {} } }),
);

/**
 * What one reader is told. In each chat he has a position: an entry is told when it is the next one, dropped
 * when it is not behind the position, and otherwise what lies between is read from the table. Hence it does
 * not matter when the reader joined the hub, or what the hub told meanwhile.
 */
export class Subscription implements Follower {
  readonly userId: string;
  readonly #db: Db;
  readonly #hub: Hub;
  readonly #wanted: Wanted;
  /** The last seq known in chats that are not followed, or no longer. */
  readonly #known: Map<string, number>;
  readonly #places = new Map<string, Place>();
  readonly #behind = new Set<string>();
  readonly #added = new Set<string>();
  #waiting: { readonly event: SubscribeResponse; readonly bytes: number }[] = [];
  #waitingBytes = 0;
  #isUpToDate = false;
  #end: Fault | undefined;
  #wake: () => void = () => undefined;

  constructor({ db, hub }: { readonly db: Db; readonly hub: Hub }, wanted: Wanted) {
    this.#db = db;
    this.#hub = hub;
    this.#wanted = wanted;
    this.#known = new Map(wanted.since);
    this.userId = wanted.userId;
  }

  /** Everything, until the signal aborts. Throws what ends it otherwise. */
  async *events(signal: AbortSignal): AsyncGenerator<SubscribeResponse> {
    // Before anything is read, so that nothing can come in between.
    this.#hub.join(this);
    const wake = () => this.#wake();
    signal.addEventListener("abort", wake);
    try {
      await this.#begin();
      while (!signal.aborted) {
        for (const chatId of this.#added) await this.#enter(chatId);
        // First what came live: of a chat that has fallen behind it is older than what the table has.
        for (let event = this.#take(); event; event = this.#take()) yield event;
        // What was dropped at the end must not be passed over by a later page.
        if (this.#end) throw this.#end;
        if (this.#behind.size > 0) yield* this.#readBehind();
        if (!this.#isIdle) continue;
        if (!this.#isUpToDate) yield heartbeat;
        this.#isUpToDate = true;
        await this.#woken(signal);
      }
    } finally {
      signal.removeEventListener("abort", wake);
      this.#hub.leave(this, this.#places.keys());
    }
  }

  tell(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      const { chatId, seq } = delivery.entry;
      const place = this.#places.get(chatId);
      if (!place?.isLive) return;
      if (seq > place.seq + 1) this.#fallBehind(chatId, place);
      else if (seq > place.seq) this.#push(this.#pass(place, delivery), delivery.bytes);
    }
  }

  pass(event: SubscribeResponse, chatId?: string): void {
    const isDue = chatId === undefined || this.#places.get(chatId)?.isLive;
    if (this.#wanted.signals && isDue) this.#push(event, signalBytes);
  }

  added(chatId: string): void {
    if (this.#places.has(chatId)) return;
    this.#added.add(chatId);
    this.#wake();
  }

  /** The first heartbeat says that nothing is missing any more, so that none comes before. */
  beat(): void {
    if (this.#isUpToDate && this.#waiting.length === 0) this.#push(heartbeat, signalBytes);
  }

  end(reason: Fault): void {
    this.#end ??= reason;
    this.#wake();
  }

  async #begin(): Promise<void> {
    const { since, fromBeginning } = this.#wanted;
    const stays = Map.groupBy(await listStays(this.#db, this.userId), ({ chatId }) => chatId);
    for (const [chatId, seq] of since) {
      const lastSeq = stays.get(chatId)?.[0]?.lastSeq ?? noSuchChat(chatId);
      if (seq > lastSeq) badPosition(chatId, lastSeq);
    }
    for (const [chatId, own] of stays) {
      const open = own.find(({ untilSeq }) => untilSeq === null);
      const unknown = open && (fromBeginning ? 0 : open.lastSeq);
      const known = since.get(chatId) ?? unknown;
      if (known !== undefined) this.#follow(chatId, own, known);
    }
  }

  /** Follows a chat that the reader was added to, from there on, or from where he was removed. */
  async #enter(chatId: string): Promise<void> {
    this.#added.delete(chatId);
    const own = await listStays(this.#db, this.userId, chatId);
    const open = own.find(({ untilSeq }) => untilSeq === null);
    if (open && !this.#places.has(chatId)) {
      const unknown = this.#wanted.fromBeginning ? 0 : open.fromSeq - 1;
      this.#follow(chatId, own, this.#known.get(chatId) ?? unknown);
    }
  }

  #follow(chatId: string, stays: Awaited<ReturnType<typeof listStays>>, known: number): void {
    const [range] = rangesAfter(stays, known);
    this.#known.set(chatId, known);
    if (!range) return;
    const { after: seq, until, fromSeq } = range;
    this.#places.set(chatId, { seq, until, fromSeq, isLive: false });
    this.#behind.add(chatId);
    this.#hub.watch(this, chatId, stays[0]?.lastSeq ?? 0);
  }

  #fallBehind(chatId: string, place: Place): void {
    place.isLive = false;
    this.#behind.add(chatId);
    this.#wake();
  }

  /** Moves the reader on by an entry, and answers what he is told. */
  #pass(place: Place, delivery: Delivery): SubscribeResponse {
    const { entry } = delivery;
    place.seq = entry.seq;
    if (isRemovalOf(entry, this.userId)) this.#leave(entry.chatId, place.seq);
    return delivery.during(place);
  }

  #leave(chatId: string, seq: number): void {
    this.#places.delete(chatId);
    this.#behind.delete(chatId);
    this.#hub.unwatch(this, chatId);
    this.#known.set(chatId, seq);
    // He may have been added again before we knew that he was gone.
    this.#added.add(chatId);
  }

  /** Reads a page of what the reader lacks, of some chats. Those of which he lacks nothing go live. */
  async *#readBehind(): AsyncGenerator<SubscribeResponse> {
    const parts = [...this.#behind].slice(0, pageChats).flatMap((chatId) => {
      const place = this.#places.get(chatId);
      if (!place || this.#goLive(chatId, place)) return [];
      return [{ chatId, after: place.seq, until: place.until }];
    });
    if (parts.length === 0) return;
    const { entries } = await readTold(this.#db, parts, pageEntries);
    await this.#learnEnds(entries);
    for (const entry of entries) {
      const place = this.#places.get(entry.chatId);
      if (place && entry.seq === place.seq + 1) yield this.#pass(place, new Delivery(entry));
    }
  }

  /**
   * Learns where stays have ended since it was asked, when messages are other ones by now than at their entries:
   * that may have come after the end.
   */
  async #learnEnds(entries: readonly Told[]): Promise<void> {
    if (!entries.some(({ message, seq }) => message && message.changedSeq > seq)) return;
    for (const { chatId, fromSeq, untilSeq } of await listStays(this.#db, this.userId)) {
      const place = this.#places.get(chatId);
      if (place?.fromSeq === fromSeq) place.until = untilSeq;
    }
  }

  #goLive(chatId: string, place: Place): boolean {
    if (place.until !== null || place.seq < this.#hub.positionOf(chatId)) return false;
    place.isLive = true;
    this.#behind.delete(chatId);
    return true;
  }

  #push(event: SubscribeResponse, bytes: number): void {
    if (this.#end) return;
    this.#waiting.push({ event, bytes });
    this.#waitingBytes += bytes;
    if (this.#waiting.length > mostEvents || this.#waitingBytes > mostBytes) {
      this.#waiting = [];
      this.end(tooSlow());
    }
    this.#wake();
  }

  #take(): SubscribeResponse | undefined {
    const next = this.#waiting.shift();
    if (next) this.#waitingBytes -= next.bytes;
    return next?.event;
  }

  get #isIdle(): boolean {
    const work = this.#waiting.length + this.#behind.size + this.#added.size;
    return work === 0 && this.#end === undefined;
  }

  #woken(signal: AbortSignal): Promise<void> {
    if (signal.aborted || !this.#isIdle) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

const signalBytes = 100;

function tooSlow(): Fault {
  const message = "others write faster than you read; subscribe again to go on";
  return new Fault("aborted", "TOO_SLOW", message, { retryAfterMs: 100 });
}

function badPosition(chatId: string, lastSeq: number): never {
  throw invalidField("since", "BAD_POSITION", `the chat ${chatId} has ${lastSeq} entries`);
}
