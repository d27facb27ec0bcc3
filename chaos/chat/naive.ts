import { setTimeout as sleep } from "node:timers/promises";
import type { SubscribeResponse } from "@plaza/contract/chat/v1/stream";
import { Delivery, type Follower } from "../../services/chat/hub.ts";
import { listStays } from "../../services/chat/member-store.ts";
import type { Parts } from "../../services/chat/parts.ts";
import { readTold } from "../../services/chat/read-told.ts";
import { heartbeat, Subscription } from "../../services/chat/subscription.ts";

type Follow = Parts["follow"];
type Args = Parameters<Follow>;

/** What happens between the two steps of somebody who does not think of it. */
const betweenMs = 30;

/** Tells what comes live at once, and the history after it. */
export const liveFirst: Follow = async function* (parts, wanted, signal) {
  const live = new Live(wanted.userId);
  try {
    await live.begin(parts);
    await sleep(betweenMs);
    yield* live.queue.splice(0);
    yield* history([parts, wanted, signal]);
    yield heartbeat;
    yield* live.events(signal);
  } finally {
    live.leave(parts);
  }
};

/** Tells the history, and then what comes live from that moment on. */
export const historyFirst: Follow = async function* (parts, wanted, signal) {
  const live = new Live(wanted.userId);
  try {
    yield* history([parts, wanted, signal]);
    await sleep(betweenMs);
    await live.begin(parts);
    yield heartbeat;
    yield* live.events(signal);
  } finally {
    live.leave(parts);
  }
};

/** Tells everybody who was ever in a chat how it goes on. */
export const foreverIn: Follow = async function* (parts, wanted, signal) {
  const since = new Map(wanted.since);
  for await (const event of history([parts, wanted, signal])) {
    yield event;
    if (event.event.case === "entry") since.set(event.event.value.chatId, event.event.value.seq);
  }
  yield* new Subscription(parts, { ...wanted, since }).events(signal);
};

/** Reads on in all chats where somebody is or was. */
async function* history([{ db }, { userId, since }]: Args): AsyncGenerator<SubscribeResponse> {
  const stays = Map.groupBy(await listStays(db, userId), ({ chatId }) => chatId);
  for (const [chatId, [stay]] of stays) {
    let after = since.get(chatId) ?? (stay?.fromSeq ?? 1) - 1;
    for (let more = true; more; ) {
      const { entries, rest } = await readTold(db, [{ chatId, after, until: null }], 200);
      for (const entry of entries) {
        after = entry.seq;
        yield new Delivery(entry).since(0);
      }
      more = rest.size > 0;
    }
  }
}

/** Whatever the hub tells, as it comes. */
class Live implements Follower {
  readonly userId: string;
  readonly queue: SubscribeResponse[] = [];
  #chatIds: string[] = [];

  constructor(userId: string) {
    this.userId = userId;
  }

  async begin({ db, hub }: Args[0]): Promise<void> {
    const stays = await listStays(db, this.userId);
    hub.join(this);
    for (const { chatId, untilSeq, lastSeq } of stays) {
      if (untilSeq !== null) continue;
      this.#chatIds.push(chatId);
      hub.watch(this, chatId, lastSeq);
    }
  }

  leave({ hub }: Args[0]): void {
    hub.leave(this, this.#chatIds);
  }

  async *events(signal: AbortSignal): AsyncGenerator<SubscribeResponse> {
    for (; !signal.aborted; await sleep(1)) yield* this.queue.splice(0);
  }

  tell(delivery: Delivery): void {
    this.queue.push(delivery.since(0));
  }

  pass(): void {}
  added(): void {}
  beat(): void {}
  end(): void {}
}
