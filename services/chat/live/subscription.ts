import { create } from "@bufbuild/protobuf";
import { type SubscribeResponse, SubscribeResponseSchema } from "@plaza/contract/chat/v1/stream";
import type { Db } from "@plaza/kit/db/database";
import { Fault, invalidField } from "@plaza/kit/errors/fault";
import { broadcastMessage } from "@plaza/kit/rpc/broadcast-message";
import { noSuchChat } from "../domain/chat.ts";
import { type EntryWithMessage, isRemovalOf, missingRanges } from "../domain/entry.ts";
import { readLog } from "../store/log-reader.ts";
import { listMemberships } from "../store/memberships.ts";
import { Delivery } from "./delivery.ts";
import type { Hub, Subscriber } from "./hub.ts";

/** The reader's cursor in one chat. */
type ChatCursor = {
  readonly fromSeq: number;
  until: number | null;
  /** The last entry yielded or queued. */
  seq: number;
  /** Whether the hub's next entry is the next one needed; otherwise it is read from the table. */
  isLive: boolean;
  /** Whether the reader was added to the chat after subscribing, and it has not gone live yet. */
  isNew: boolean;
};

/** What a reader subscribes to. */
export type SubscriptionOptions = {
  readonly userId: string;
  /** The last seq that the reader has, by chat. */
  readonly since: ReadonlyMap<string, number>;
  readonly fromBeginning: boolean;
  readonly signals: boolean;
  /** Called once events of a chat that the reader was added to meanwhile arrive. */
  readonly onChatOpened?: (chatId: string) => void;
};

/** Limits of the queue of one reader. */
export const maxQueuedEvents = 1_000;
export const maxQueuedBytes = 1024 * 1024;

const entriesPerRead = 200;
const chatsPerRead = 50;

export const heartbeatEvent = broadcastMessage(
  create(SubscribeResponseSchema, { event: { case: "heartbeat", value: {} } }),
);

/**
 * The events for one reader. Each chat has a cursor: the next entry is yielded, an older one dropped, and a
 * gap is read from the table. So it does not matter when the reader joined the hub, or what the hub delivered
 * meanwhile.
 */
export class Subscription implements Subscriber {
  readonly userId: string;
  readonly #db: Db;
  readonly #hub: Hub;
  readonly #options: SubscriptionOptions;
  /** The last seq that the reader has in chats without a cursor. */
  readonly #knownSeqs: Map<string, number>;
  readonly #cursors = new Map<string, ChatCursor>();
  readonly #lagging = new Set<string>();
  readonly #added = new Set<string>();
  #queue: { readonly event: SubscribeResponse; readonly bytes: number }[] = [];
  #queuedBytes = 0;
  #isUpToDate = false;
  #end: Fault | undefined;
  #wake: () => void = () => undefined;

  constructor({ db, hub }: { readonly db: Db; readonly hub: Hub }, options: SubscriptionOptions) {
    this.#db = db;
    this.#hub = hub;
    this.#options = options;
    this.#knownSeqs = new Map(options.since);
    this.userId = options.userId;
  }

  /** The events until the signal aborts. Throws the Fault that ends the subscription otherwise. */
  async *events(signal: AbortSignal): AsyncGenerator<SubscribeResponse> {
    // Before anything is read, so that no addition to a chat is missed.
    this.#hub.addSubscriber(this);
    const wake = () => this.#wake();
    signal.addEventListener("abort", wake);
    try {
      await this.#openCursors();
      while (!signal.aborted) {
        for (const chatId of this.#added) await this.#openAddedChat(chatId);
        // The queue first: entries of a lagging chat in it are older than those still to be read.
        for (let event = this.#dequeue(); event; event = this.#dequeue()) yield event;
        // The queue may have been dropped, so that a later page would leave a gap.
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
      const cursor = this.#cursors.get(chatId);
      if (!cursor?.isLive) return;
      if (seq > cursor.seq + 1) this.#markLagging(chatId, cursor);
      else if (seq > cursor.seq) this.#enqueue(this.#advance(cursor, delivery), delivery.bytes);
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

  /** The first heartbeat tells the client that it is up to date; none comes before that. */
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
    const memberships = Map.groupBy(
      await listMemberships(this.#db, this.userId),
      ({ chatId }) => chatId,
    );
    for (const [chatId, seq] of since) {
      const lastSeq = memberships.get(chatId)?.[0]?.lastSeq ?? noSuchChat(chatId);
      if (seq > lastSeq) invalidPosition(chatId, lastSeq);
    }
    for (const [chatId, own] of memberships) {
      const open = own.find(({ untilSeq }) => untilSeq === null);
      const unknown = open && (fromBeginning ? 0 : open.lastSeq);
      const known = since.get(chatId) ?? unknown;
      if (known !== undefined) this.#openCursor(chatId, own, known);
    }
  }

  /** Opens a cursor in a chat that the reader was added to, from the last seq they have there. */
  async #openAddedChat(chatId: string): Promise<void> {
    this.#added.delete(chatId);
    const own = await listMemberships(this.#db, this.userId, chatId);
    const open = own.find(({ untilSeq }) => untilSeq === null);
    if (open && !this.#cursors.has(chatId)) {
      const unknown = this.#options.fromBeginning ? 0 : open.fromSeq - 1;
      this.#openCursor(chatId, own, this.#knownSeqs.get(chatId) ?? unknown, true);
    }
  }

  #openCursor(
    chatId: string,
    memberships: Awaited<ReturnType<typeof listMemberships>>,
    known: number,
    isNew = false,
  ): void {
    const [range] = missingRanges(memberships, known);
    this.#knownSeqs.set(chatId, known);
    if (!range) return;
    const { after: seq, until, fromSeq } = range;
    this.#cursors.set(chatId, { seq, until, fromSeq, isLive: false, isNew });
    this.#lagging.add(chatId);
    this.#hub.watch(this, chatId, memberships[0]?.lastSeq ?? 0);
  }

  #markLagging(chatId: string, cursor: ChatCursor): void {
    cursor.isLive = false;
    this.#lagging.add(chatId);
    this.#wake();
  }

  /** Advances the cursor by an entry; returns the event. */
  #advance(cursor: ChatCursor, delivery: Delivery): SubscribeResponse {
    const { entry } = delivery;
    cursor.seq = entry.seq;
    if (isRemovalOf(entry, this.userId)) this.#closeCursor(entry.chatId, cursor.seq);
    return delivery.eventFor(cursor);
  }

  #closeCursor(chatId: string, seq: number): void {
    this.#cursors.delete(chatId);
    this.#lagging.delete(chatId);
    this.#hub.unwatch(this, chatId);
    this.#knownSeqs.set(chatId, seq);
    // The reader may have been added again before this removal was read.
    this.#added.add(chatId);
  }

  /** Reads the next entries of some lagging chats. Chats without any go live. */
  async *#readLagging(): AsyncGenerator<SubscribeResponse> {
    const ranges = [...this.#lagging].slice(0, chatsPerRead).flatMap((chatId) => {
      const cursor = this.#cursors.get(chatId);
      if (!cursor || this.#goLive(chatId, cursor)) return [];
      return [{ chatId, after: cursor.seq, until: cursor.until }];
    });
    if (ranges.length === 0) return;
    const { entries } = await readLog(this.#db, ranges, entriesPerRead);
    await this.#refreshMembershipEnds(entries);
    for (const entry of entries) {
      const cursor = this.#cursors.get(entry.chatId);
      if (cursor && entry.seq === cursor.seq + 1) yield this.#advance(cursor, new Delivery(entry));
    }
  }

  /**
   * Reads again where intervals end when a message has changed after its entry: the change may have come
   * after the end.
   */
  async #refreshMembershipEnds(entries: readonly EntryWithMessage[]): Promise<void> {
    if (!entries.some(({ message, seq }) => message && message.changedSeq > seq)) return;
    for (const { chatId, fromSeq, untilSeq } of await listMemberships(this.#db, this.userId)) {
      const cursor = this.#cursors.get(chatId);
      if (cursor?.fromSeq === fromSeq) cursor.until = untilSeq;
    }
  }

  #goLive(chatId: string, cursor: ChatCursor): boolean {
    if (cursor.until !== null || cursor.seq < this.#hub.deliveredSeq(chatId)) return false;
    cursor.isLive = true;
    if (cursor.isNew) this.#options.onChatOpened?.(chatId);
    cursor.isNew = false;
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
  const message = "the client reads too slowly; subscribe again to continue";
  return new Fault("aborted", "TOO_SLOW", message, { retryAfterMs: 100 });
}

function invalidPosition(chatId: string, lastSeq: number): never {
  throw invalidField(
    "since",
    "BAD_POSITION",
    `is after the end of chat ${chatId}, whose last seq is ${lastSeq}`,
  );
}
