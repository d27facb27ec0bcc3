import { setTimeout as sleep } from "node:timers/promises";
import type { SubscribeResponse } from "@plaza/contract/chat/v1/stream";
import type { ServiceContext } from "../../services/chat/context.ts";
import type { Membership } from "../../services/chat/domain/chat.ts";
import { Delivery, type Subscriber } from "../../services/chat/live/hub.ts";
import { heartbeatEvent } from "../../services/chat/live/subscription.ts";
import { readLog } from "../../services/chat/store/log-reader.ts";
import { listMemberships } from "../../services/chat/store/memberships.ts";

type SubscribeEvents = ServiceContext["subscribe"];
type SubscribeArgs = Parameters<SubscribeEvents>;

/** Delay that widens the race. */
const raceWindowMs = 30;

/** Faulty: delivers live entries first, history after. */
export const subscribeLiveFirst: SubscribeEvents = async function* (parts, wanted, signal) {
  const live = new LiveSubscriber(wanted.userId);
  try {
    await live.begin(parts);
    await sleep(raceWindowMs);
    yield* live.queue.splice(0);
    yield* readHistory([parts, wanted, signal]);
    yield heartbeatEvent;
    yield* live.events(signal);
  } finally {
    live.leave(parts);
  }
};

/** Faulty: delivers history first and subscribes late. */
export const subscribeHistoryFirst: SubscribeEvents = async function* (parts, wanted, signal) {
  const live = new LiveSubscriber(wanted.userId);
  try {
    yield* readHistory([parts, wanted, signal]);
    await sleep(raceWindowMs);
    await live.begin(parts);
    yield heartbeatEvent;
    yield* live.events(signal);
  } finally {
    live.leave(parts);
  }
};

/** Faulty: keeps delivering after removal, in order and without a gap. */
export const subscribeAfterRemoval: SubscribeEvents = async function* (parts, wanted, signal) {
  const live = new LiveSubscriber(wanted.userId);
  const known = new Map<string, number>();
  try {
    await live.begin(parts, () => true);
    for await (const event of readHistory([parts, wanted, signal])) {
      if (event.event.case === "entry") known.set(event.event.value.chatId, event.event.value.seq);
      yield event;
    }
    yield heartbeatEvent;
    for await (const event of live.events(signal)) {
      if (event.event.case !== "entry") continue;
      const { chatId, seq } = event.event.value;
      if (seq > (known.get(chatId) ?? wanted.since.get(chatId) ?? 0)) yield event;
    }
  } finally {
    live.leave(parts);
  }
};

/** Membership without bounds. */
const unboundedInterval = { fromSeq: 0, until: null };

/** Reads on in all chats of which a user is or was a member. */
async function* readHistory([
  { db },
  { userId, since },
]: SubscribeArgs): AsyncGenerator<SubscribeResponse> {
  const stays = Map.groupBy(await listMemberships(db, userId), ({ chatId }) => chatId);
  for (const [chatId, [stay]] of stays) {
    let after = since.get(chatId) ?? (stay?.fromSeq ?? 1) - 1;
    for (let more = true; more; ) {
      const { entries, rest } = await readLog(db, [{ chatId, after, until: null }], 200);
      for (const entry of entries) {
        after = entry.seq;
        yield new Delivery(entry).eventFor(unboundedInterval);
      }
      more = rest.size > 0;
    }
  }
}

/** Queues every entry that the hub delivers. */
class LiveSubscriber implements Subscriber {
  readonly userId: string;
  readonly queue: SubscribeResponse[] = [];
  #chatIds: string[] = [];

  constructor(userId: string) {
    this.userId = userId;
  }

  /** Subscribes to the chats of open memberships, or of those that `isHeard` selects. */
  async begin(
    { db, hub }: SubscribeArgs[0],
    isHeard = ({ untilSeq }: Pick<Membership, "untilSeq">) => untilSeq === null,
  ): Promise<void> {
    const stays = await listMemberships(db, this.userId);
    hub.addSubscriber(this);
    for (const stay of stays.filter(isHeard)) {
      this.#chatIds.push(stay.chatId);
      hub.watch(this, stay.chatId, stay.lastSeq);
    }
  }

  leave({ hub }: SubscribeArgs[0]): void {
    hub.removeSubscriber(this, this.#chatIds);
  }

  async *events(signal: AbortSignal): AsyncGenerator<SubscribeResponse> {
    for (; !signal.aborted; await sleep(1)) yield* this.queue.splice(0);
  }

  deliver(deliveries: readonly Delivery[]): void {
    this.queue.push(...deliveries.map((delivery) => delivery.eventFor(unboundedInterval)));
  }

  relay(): void {}
  onAdded(): void {}
  heartbeat(): void {}
  end(): void {}
}
