import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { toBinary } from "@bufbuild/protobuf";
import { type SubscribeResponse, SubscribeResponseSchema } from "@plaza/contract/chat/v1/stream";
import { postgresBackend } from "@plaza/kit/pubsub/postgres-backend";
import { createPubSub, type PubSub } from "@plaza/kit/pubsub/pubsub";
import { silentLogger } from "@plaza/kit/telemetry/log";
import type { TestChatUser } from "../testing/subscription-recorder.ts";
import { testChat } from "../testing/test-chat.ts";
import { Delivery } from "./delivery.ts";
import { Hub, type Subscriber } from "./hub.ts";
import { Subscription } from "./subscription.ts";

/** Hubs like those of other processes, beside the hub of the service under test. */
describe("a hub", () => {
  const plaza = testChat();
  const { newUser, createDirectChat, createGroup, sendMessage } = plaza;
  const closing: (() => unknown)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  function hubWith(pubsub: PubSub): Hub {
    const hub = new Hub({ db: plaza.db("chat"), log: silentLogger, pubsub });
    closing.push(() => hub.close());
    return hub;
  }

  const deliveredSeqs = (hub: Hub, { id }: TestChatUser, since: Record<string, number>) => {
    const wanted = { userId: id, since: new Map(Object.entries(since)) };
    const subscription = new Subscription(
      { db: plaza.db("chat"), hub },
      { ...wanted, fromBeginning: false, signals: false },
    );
    const seqs: string[] = [];
    const stopping = new AbortController();
    void (async () => {
      for await (const one of subscription.events(stopping.signal)) seqs.push(nameOf(one));
    })().catch(() => undefined);
    closing.push(() => stopping.abort());
    return seqs;
  };

  async function until(holds: () => boolean): Promise<void> {
    for (const giveUpAt = Date.now() + 5_000; !holds(); ) {
      if (Date.now() > giveUpAt) assert.fail("the condition did not hold within 5 seconds");
      await sleep(5);
    }
  }

  it("receives hints of entries and added members from other processes", async () => {
    const pubsub = createPubSub(postgresBackend(plaza.db("chat").connectionConfig, "other"));
    closing.push(() => pubsub.close());
    const [ada, bruno, clara] = [newUser(), newUser(), newUser()];
    const { id } = await createDirectChat(ada, bruno);
    const seqs = deliveredSeqs(hubWith(pubsub), bruno, { [id]: 1 });
    await until(() => seqs.includes("heartbeat"));
    // Until the backend listens, messages are lost.
    await sleep(300);
    await sendMessage(ada, id);
    await until(() => seqs.includes(`${id} 2`));
    const { id: other } = await createDirectChat(clara, bruno);
    await until(() => seqs.includes(`${other} 1`));
  });

  it("finds entries by polling when hints are lost", async () => {
    const [ada, bruno, clara] = [newUser(), newUser(), newUser()];
    const { id } = await createDirectChat(ada, bruno);
    const hub = hubWith(silentPubSub);
    const seqs = deliveredSeqs(hub, bruno, { [id]: 1 });
    await until(() => seqs.includes("heartbeat"));
    await hub.poll();
    await sendMessage(ada, id);
    await sendMessage(ada, id);
    const { id: other } = await createDirectChat(clara, bruno);
    await sleep(50);
    assert.deepEqual(seqs, ["heartbeat"]);
    await hub.poll();
    await until(() => seqs.length === 4);
    assert.deepEqual(seqs.toSorted(), [`${id} 2`, `${id} 3`, `${other} 1`, "heartbeat"].toSorted());
  });

  it("delivers everything to a fast reader", async () => {
    const [ada, bruno] = [newUser(), newUser()];
    const { id } = await createDirectChat(ada, bruno);
    const hub = hubWith(silentPubSub);
    const seqs = deliveredSeqs(hub, bruno, { [id]: 1 });
    await until(() => seqs.includes("heartbeat"));
    // Nearly twice the limit of the queue.
    const text = "x".repeat(4_000);
    await Promise.all(Array.from({ length: 150 }, () => sendMessage(ada, id, text)));
    await hub.poll();
    await until(() => seqs.length === 151);
  });

  /** A subscriber from a position whose reads of the log wait until they are released. */
  function held({ id: userId }: TestChatUser, chatId: string, seq: number) {
    const { promise: gate, resolve: release } = Promise.withResolvers<void>();
    const db = new Proxy(plaza.db("chat"), {
      apply(pool, self, args) {
        const run = () => Reflect.apply(pool, self, args);
        const [strings] = args as [readonly string[]];
        return strings.join().includes("as part (chat, behind") ? gate.then(run) : run();
      },
    });
    const wanted = { userId, since: new Map([[chatId, seq]]) };
    const subscription = new Subscription(
      { db, hub: hubWith(silentPubSub) },
      { ...wanted, fromBeginning: false, signals: false },
    );
    const stopping = new AbortController();
    closing.push(() => stopping.abort());
    const first = subscription.events(stopping.signal).next();
    return {
      subscription,
      async release(): Promise<SubscribeResponse> {
        release();
        return (await first).value as SubscribeResponse;
      },
    };
  }

  it("hides later changes of messages when the membership ended unnoticed", async () => {
    const [ada, bruno, clara] = [newUser(), newUser(), newUser()];
    const { id } = await createGroup(ada, bruno, clara);
    const { seq } = await sendMessage(ada, id, "The door code is 1234.");
    const reader = held(bruno, id, 1);
    await sleep(100);
    await ada.chats.removeMember({ chatId: id, userId: bruno.id });
    await ada.chats.editMessage({ chatId: id, seq, text: "The door code is 4711." });
    const { event } = await reader.release();
    assert.ok(event.case === "entry");
    assert.deepEqual([event.value.seq, event.value.message], [seq, undefined]);
  });

  it("sends no heartbeat to a lagging subscriber", async () => {
    const [ada, bruno] = [newUser(), newUser()];
    const { id } = await createDirectChat(ada, bruno);
    const { subscription, release } = held(bruno, id, 0);
    subscription.heartbeat();
    assert.equal(nameOf(await release()), `${id} 1`);
  });

  it("survives leaving and rejoining a chat during a read", async () => {
    const [ada, bruno] = [newUser(), newUser()];
    const { id } = await createDirectChat(ada, bruno);
    const others = await Promise.all([1, 2, 3].map(() => createDirectChat(ada, newUser())));
    await sendMessage(ada, id);
    // More than is read at once, so that of each chat there may be more.
    const flood = others.flatMap((chat) =>
      Array.from({ length: 200 }, () => sendMessage(ada, chat.id)),
    );
    await Promise.all(flood);
    const hub = hubWith(silentPubSub);
    const heard: number[] = [];
    const followers = [1, 2, 3].map((): Subscriber => {
      const nothing = () => undefined;
      const deliver = (some: readonly Delivery[]) => {
        heard.push(...some.filter(({ entry }) => entry.chatId === id).map((one) => one.entry.seq));
      };
      return {
        userId: bruno.id,
        deliver,
        relay: nothing,
        onAdded: nothing,
        heartbeat: nothing,
        end: nothing,
      };
    });
    const [crowd, before, after] = followers as [Subscriber, Subscriber, Subscriber];
    await plaza.db("chat").begin(async (tx) => {
      await tx`lock table entry`;
      for (const chat of others) hub.watch(crowd, chat.id, 1);
      hub.watch(before, id, 1);
      await sleep(100);
      hub.unwatch(before, id);
      hub.watch(after, id, 1);
    });
    await until(() => others.every((chat) => hub.deliveredSeq(chat.id) === 201));
    await sendMessage(ada, id);
    await hub.poll();
    await until(() => hub.deliveredSeq(id) === 3);
    assert.deepEqual(heard, [2, 3]);
  });

  it("does not skip a transaction that commits after one that began later", async () => {
    const [ada, bruno] = [newUser(), newUser()];
    const [late, early] = [
      await createDirectChat(ada, bruno),
      await createDirectChat(ada, newUser()),
    ];
    const hub = hubWith(silentPubSub);
    const seqs = deliveredSeqs(hub, bruno, { [late.id]: 1 });
    await until(() => seqs.includes("heartbeat"));
    await hub.poll();
    const slow = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const committed = plaza.db("chat").begin(async (tx) => {
      await tx`
        insert into entry (chat_id, seq, type, member_ids, create_time)
        values (${late.id}, 2, 'title_changed', '{}', now())`;
      written.resolve();
      await slow.promise;
    });
    await written.promise;
    await sendMessage(ada, early.id);
    await hub.poll();
    slow.resolve();
    await committed;
    await hub.poll();
    await until(() => seqs.includes(`${late.id} 2`));
  });
});

/** A crowd in one chat. */
describe("a hub with many subscribers", () => {
  const plaza = testChat();
  const { newUser, createDirectChat, sendMessage } = plaza;

  it("yields to other work while it delivers, and delivers in order", async () => {
    const [ada, bruno] = [newUser(), newUser()];
    const { id } = await createDirectChat(ada, bruno);
    const hub = new Hub({ db: plaza.db("chat"), log: silentLogger, pubsub: silentPubSub });
    const turns: number[] = [];
    const told: string[] = [];
    let turn = 0;
    const followers = Array.from({ length: 1_000 }, (_, n): Subscriber => {
      const nothing = () => undefined;
      const deliver = (deliveries: readonly Delivery[]) => {
        told.push(...deliveries.map(({ entry }) => `${n} ${entry.seq}`));
        turns.push(turn);
      };
      return {
        userId: bruno.id,
        deliver,
        relay: nothing,
        onAdded: nothing,
        heartbeat: nothing,
        end: nothing,
      };
    });
    for (const follower of followers) hub.watch(follower, id, 1);
    for (let n = 0; n < 2; n += 1) await sendMessage(ada, id);
    await hub.poll();
    for (; told.length < 2_000; turn += 1) await nextTurn();
    const expected = followers.flatMap((_, n) => [2, 3].map((seq) => `${n} ${seq}`));
    assert.deepEqual(told, expected);
    assert.ok(new Set(turns).size >= 10, `${new Set(turns).size} turns`);
  });
});

describe("a delivery", () => {
  it("estimates at least its size on the wire", () => {
    const id = "00000000-0000-4000-8000-000000000000";
    const userIds = Array<string>(60).fill(id);
    const [createTime, seq] = [new Date(), 7];
    const said = { chatId: id, seq, number: seq, senderId: id, replyToSeq: 1, changedSeq: seq };
    const times = { createTime, editTime: createTime, deleteTime: null };
    const reactions = ["👍", "🎈"].map((emoji) => ({ emoji, userIds }));
    const message = { ...said, ...times, text: "€".repeat(4_000), reactions };
    const nothing = {
      messageSeq: null,
      memberIds: [],
      role: null,
      title: null,
      message: undefined,
    };
    const entry = { ...nothing, chatId: id, seq, type: "reacted", userId: id, createTime } as const;
    for (const more of [{}, { memberIds: userIds }, { messageSeq: seq, message }]) {
      const delivery = new Delivery({ ...entry, ...more });
      const event = delivery.eventFor({ fromSeq: 1, until: null });
      assert.ok(delivery.bytes >= toBinary(SubscribeResponseSchema, event).length);
    }
  });
});

/** Loses all messages. */
const silentPubSub: PubSub = {
  publish: () => undefined,
  subscribe: () => () => undefined,
  close: async () => undefined,
};

function nameOf({ event }: SubscribeResponse): string {
  return event.case === "entry" ? `${event.value.chatId} ${event.value.seq}` : `${event.case}`;
}
