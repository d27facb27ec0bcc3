import { setTimeout as sleep } from "node:timers/promises";
import type { HandlerContext } from "@connectrpc/connect";
import type { SubscribeRequest, SubscribeResponse } from "@plaza/contract/chat/v1/stream";
import { requireAccount } from "@plaza/kit/identity/caller";
import type { Deps, Service } from "@plaza/kit/runtime/service";
import type { Membership } from "../../services/chat/domain/chat.ts";
import { Delivery } from "../../services/chat/live/delivery.ts";
import { Hub, type Subscriber } from "../../services/chat/live/hub.ts";
import { heartbeatEvent, type SubscriptionOptions } from "../../services/chat/live/subscription.ts";
import { chat } from "../../services/chat/main.ts";
import { toSubscriptionOptions } from "../../services/chat/rpc/live-methods.ts";
import { readLog } from "../../services/chat/store/log-reader.ts";
import { listMemberships } from "../../services/chat/store/memberships.ts";

type SubscribeEvents = (
  deps: Pick<Deps, "db"> & { readonly hub: Hub },
  options: SubscriptionOptions,
  signal: AbortSignal,
) => AsyncIterable<SubscribeResponse>;

type SubscribeArgs = Parameters<SubscribeEvents>;

/** The chat service with another Subscribe method, on a hub of its own. Presence is left out. */
export function chatWithSubscribe(subscribeEvents: SubscribeEvents): Service {
  return {
    ...chat,
    create(deps) {
      const hub = new Hub(deps);
      const { implementation, tasks = [], ...instance } = chat.create(deps);
      const subscribe = (request: SubscribeRequest, context: HandlerContext) => {
        const options = toSubscriptionOptions(requireAccount(context).id, request);
        return subscribeEvents({ db: deps.db, hub }, options, context.signal);
      };
      const poll = { name: "poll entries", intervalMs: 1_000, run: () => hub.poll() };
      return {
        ...instance,
        implementation: { ...implementation, subscribe: subscribe as never },
        tasks: [...tasks, poll],
      };
    },
  };
}

/** Delay that widens the race. */
const raceWindowMs = 30;

/** Faulty: delivers live entries first, history after. */
export const subscribeLiveFirst: SubscribeEvents = async function* (deps, options, signal) {
  const live = new LiveSubscriber(options.userId);
  try {
    await live.begin(deps);
    await sleep(raceWindowMs);
    yield* live.queue.splice(0);
    yield* readHistory([deps, options, signal]);
    yield heartbeatEvent;
    yield* live.events(signal);
  } finally {
    live.leave(deps);
  }
};

/** Faulty: delivers history first and subscribes late. */
export const subscribeHistoryFirst: SubscribeEvents = async function* (deps, options, signal) {
  const live = new LiveSubscriber(options.userId);
  try {
    yield* readHistory([deps, options, signal]);
    await sleep(raceWindowMs);
    await live.begin(deps);
    yield heartbeatEvent;
    yield* live.events(signal);
  } finally {
    live.leave(deps);
  }
};

/** Faulty: keeps delivering after removal, in order and without a gap. */
export const subscribeAfterRemoval: SubscribeEvents = async function* (deps, options, signal) {
  const live = new LiveSubscriber(options.userId);
  const known = new Map<string, number>();
  try {
    await live.begin(deps, () => true);
    for await (const event of readHistory([deps, options, signal])) {
      if (event.event.case === "entry") known.set(event.event.value.chatId, event.event.value.seq);
      yield event;
    }
    yield heartbeatEvent;
    for await (const event of live.events(signal)) {
      if (event.event.case !== "entry") continue;
      const { chatId, seq } = event.event.value;
      if (seq > (known.get(chatId) ?? options.since.get(chatId) ?? 0)) yield event;
    }
  } finally {
    live.leave(deps);
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
