import { create } from "@bufbuild/protobuf";
import { type SubscribeResponse, SubscribeResponseSchema } from "@plaza/contract/chat/v1/stream";
import type { Db } from "@plaza/kit/db/database";
import { Fault, invalidField } from "@plaza/kit/errors/fault";
import { shared } from "@plaza/kit/rpc/broadcast-message";
import { noSuchChat } from "../domain/chat.ts";
import { type EntryWithMessage, isRemovalOf, missingRanges } from "../domain/entry.ts";
import { readLog } from "../store/log-reader.ts";
import { listMemberships } from "../store/memberships.ts";
import { Delivery, type Hub, type Subscriber } from "./hub.ts";

/** Where a reader stands in a chat. */
type ChatCursor = {
  readonly fromSeq: number;
  until: number | null;
  /** The last entry that he was told, or is about to be. */
  seq: number;
  /** Whether the hub's next entry is the one that he lacks. Otherwise the table has it. */
  isLive: boolean;
};

/** What a reader asks for. */
export type SubscriptionOptions = {
  readonly userId: string;
  /** The last seq that he knows, by chat. */
  readonly since: ReadonlyMap<string, number>;
  readonly fromBeginning: boolean;
  readonly signals: boolean;
};

/** What may wait for a reader. */
export const maxQueuedEvents = 1_000;
export const maxQueuedBytes = 1024 * 1024;

const entriesPerRead = 200;
const chatsPerRead = 50;

export const heartbeatEvent = shared(
  create(SubscribeResponseSchema, { event: { case: "heartbeat", value: {} } }),
);

/**
 * What one reader is told. In each chat he has a position: an entry is told when it is the next one, dropped
 * when it is not behind the position, and otherwise what lies between is read from the table. Hence it does
 * not matter when the reader joined the hub, or what the hub told meanwhile.
 */
export class Subscription implements Subscriber {
  readonly userId: string;
  readonly #db: Db;
  readonly #hub: Hub;
  readonly #options: SubscriptionOptions;
  /** The last seq known in chats that are not followed, or no longer. */
  readonly #knownSeqs: Map<string, number>;
  readonly #cursors = new Map<string, ChatCursor>();
  readonly #lagging = new Set<string>();
  readonly #added = new Set<string>();
  #queue: { readonly event: SubscribeResponse; readonly bytes: number }[] = [];
  #queuedBytes = 0;
  #isUpToDate = false;
  #end: Fault | undefined;
  #wake: () => void = () => undefined;

  constructor({ db, hub }: { readonly db: Db; readonly hub: Hub }, wanted: SubscriptionOptions) {
    this.#db = db;
    this.#hub = hub;
    this.#options = wanted;
    this.#knownSeqs = new Map(wanted.since);
    this.userId = wanted.userId;
  }

  /** Everything, until the signal aborts. Throws what ends it otherwise. */
  async *events(signal: AbortSignal): AsyncGenerator<SubscribeResponse> {
    // Before anything is read, so that nothing can come in between.
    this.#hub.addSubscriber(this);
    const wake = () => this.#wake();
    signal.addEventListener("abort", wake);
    try {
      await this.#openCursors();
      while (!signal.aborted) {
        for (const chatId of this.#added) await this.#openAddedChat(chatId);
        // First what came live: of a chat that has fallen behind it is older than what the table has.
        for (let event = this.#dequeue(); event; event = this.#dequeue()) yield event;
        // What was dropped at the end must not be passed over by a later page.
        if (this.#end) throw this.#end;
        if (this.#lagging.size > 0) yield* this.#readLagging();
        if (!this.#isIdle) continue;
        if (!this.#isUpToDate) yield heartbeatEvent;
        this.#isUpToDate = true;
        await this.#waitForWork(signal);
      }
    } finally {
      signal.removeEventListener("abort", wake);
      this.#hub.removeSubscriber(this, this.#cursors.keys());
    }
  }

  deliver(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      const { chatId, seq } = delivery.entry;
      const place = this.#cursors.get(chatId);
      if (!place?.isLive) return;
      if (seq > place.seq + 1) this.#markLagging(chatId, place);
      else if (seq > place.seq) this.#enqueue(this.#advance(place, delivery), delivery.bytes);
    }
  }

  relay(event: SubscribeResponse, chatId?: string): void {
    const isDue = chatId === undefined || this.#cursors.get(chatId)?.isLive;
    if (this.#options.signals && isDue) this.#enqueue(event, signalSizeBytes);
  }

  onAdded(chatId: string): void {
    if (this.#cursors.has(chatId)) return;
    this.#added.add(chatId);
    this.#wake();
  }

  /** The first heartbeat says that nothing is missing any more, so that none comes before. */
  heartbeat(): void {
    if (this.#isUpToDate && this.#queue.length === 0)
      this.#enqueue(heartbeatEvent, signalSizeBytes);
  }

  end(reason: Fault): void {
    this.#end ??= reason;
    this.#wake();
  }

  async #openCursors(): Promise<void> {
    const { since, fromBeginning } = this.#options;
    const stays = Map.groupBy(await listMemberships(this.#db, this.userId), ({ chatId }) => chatId);
    for (const [chatId, seq] of since) {
      const lastSeq = stays.get(chatId)?.[0]?.lastSeq ?? noSuchChat(chatId);
      if (seq > lastSeq) invalidPosition(chatId, lastSeq);
    }
    for (const [chatId, own] of stays) {
      const open = own.find(({ untilSeq }) => untilSeq === null);
      const unknown = open && (fromBeginning ? 0 : open.lastSeq);
      const known = since.get(chatId) ?? unknown;
      if (known !== undefined) this.#openCursor(chatId, own, known);
    }
  }

  /** Follows a chat that the reader was added to, from there on, or from where he was removed. */
  async #openAddedChat(chatId: string): Promise<void> {
    this.#added.delete(chatId);
    const own = await listMemberships(this.#db, this.userId, chatId);
    const open = own.find(({ untilSeq }) => untilSeq === null);
    if (open && !this.#cursors.has(chatId)) {
      const unknown = this.#options.fromBeginning ? 0 : open.fromSeq - 1;
      this.#openCursor(chatId, own, this.#knownSeqs.get(chatId) ?? unknown);
    }
  }

  #openCursor(
    chatId: string,
    stays: Awaited<ReturnType<typeof listMemberships>>,
    known: number,
  ): void {
    const [range] = missingRanges(stays, known);
    this.#knownSeqs.set(chatId, known);
    if (!range) return;
    const { after: seq, until, fromSeq } = range;
    this.#cursors.set(chatId, { seq, until, fromSeq, isLive: false });
    this.#lagging.add(chatId);
    this.#hub.watch(this, chatId, stays[0]?.lastSeq ?? 0);
  }

  #markLagging(chatId: string, place: ChatCursor): void {
    place.isLive = false;
    this.#lagging.add(chatId);
    this.#wake();
  }

  /** Moves the reader on by an entry, and answers what he is told. */
  #advance(place: ChatCursor, delivery: Delivery): SubscribeResponse {
    const { entry } = delivery;
    place.seq = entry.seq;
    if (isRemovalOf(entry, this.userId)) this.#closeCursor(entry.chatId, place.seq);
    return delivery.eventFor(place);
  }

  #closeCursor(chatId: string, seq: number): void {
    this.#cursors.delete(chatId);
    this.#lagging.delete(chatId);
    this.#hub.unwatch(this, chatId);
    this.#knownSeqs.set(chatId, seq);
    // He may have been added again before we knew that he was gone.
    this.#added.add(chatId);
  }

  /** Reads a page of what the reader lacks, of some chats. Those of which he lacks nothing go live. */
  async *#readLagging(): AsyncGenerator<SubscribeResponse> {
    const parts = [...this.#lagging].slice(0, chatsPerRead).flatMap((chatId) => {
      const place = this.#cursors.get(chatId);
      if (!place || this.#goLive(chatId, place)) return [];
      return [{ chatId, after: place.seq, until: place.until }];
    });
    if (parts.length === 0) return;
    const { entries } = await readLog(this.#db, parts, entriesPerRead);
    await this.#refreshMembershipEnds(entries);
    for (const entry of entries) {
      const place = this.#cursors.get(entry.chatId);
      if (place && entry.seq === place.seq + 1) yield this.#advance(place, new Delivery(entry));
    }
  }

  /**
   * Learns where stays have ended since it was asked, when messages are other ones by now than at their entries:
   * that may have come after the end.
   */
  async #refreshMembershipEnds(entries: readonly EntryWithMessage[]): Promise<void> {
    if (!entries.some(({ message, seq }) => message && message.changedSeq > seq)) return;
    for (const { chatId, fromSeq, untilSeq } of await listMemberships(this.#db, this.userId)) {
      const place = this.#cursors.get(chatId);
      if (place?.fromSeq === fromSeq) place.until = untilSeq;
    }
  }

  #goLive(chatId: string, place: ChatCursor): boolean {
    if (place.until !== null || place.seq < this.#hub.deliveredSeq(chatId)) return false;
    place.isLive = true;
    this.#lagging.delete(chatId);
    return true;
  }

  #enqueue(event: SubscribeResponse, bytes: number): void {
    if (this.#end) return;
    this.#queue.push({ event, bytes });
    this.#queuedBytes += bytes;
    if (this.#queue.length > maxQueuedEvents || this.#queuedBytes > maxQueuedBytes) {
      this.#queue = [];
      this.end(slowSubscriber());
    }
    this.#wake();
  }

  #dequeue(): SubscribeResponse | undefined {
    const next = this.#queue.shift();
    if (next) this.#queuedBytes -= next.bytes;
    return next?.event;
  }

  get #isIdle(): boolean {
    const work = this.#queue.length + this.#lagging.size + this.#added.size;
    return work === 0 && this.#end === undefined;
  }

  #waitForWork(signal: AbortSignal): Promise<void> {
    if (signal.aborted || !this.#isIdle) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

const signalSizeBytes = 100;

function slowSubscriber(): Fault {
  const message = "others write faster than you read; subscribe again to go on";
  return new Fault("aborted", "TOO_SLOW", message, { retryAfterMs: 100 });
}

function invalidPosition(chatId: string, lastSeq: number): never {
  throw invalidField("since", "BAD_POSITION", `the chat ${chatId} has ${lastSeq} entries`);
}
