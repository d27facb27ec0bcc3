import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { SubscribeResponse } from "@plaza/contract/chat/v1/stream";
import { createFanOut, type FanOut } from "@plaza/kit/fan-out";
import { postgresCarrier } from "@plaza/kit/fan-out-postgres";
import { silent } from "@plaza/kit/log";
import { type Delivery, type Follower, Hub } from "./hub.ts";
import { Subscription } from "./subscription.ts";
import { testChat } from "./testing.ts";
import type { Person } from "./testing-heard.ts";

/** Hubs of other processes: beside the one that is written through. */
describe("a hub", () => {
  const plaza = testChat();
  const { person, direct, say } = plaza;
  const closing: (() => unknown)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  function hubWith(fanOut: FanOut): Hub {
    const hub = new Hub({ db: plaza.db("chat"), log: silent, fanOut });
    closing.push(() => hub.close());
    return hub;
  }

  const told = (hub: Hub, { id }: Person, since: Record<string, number>) => {
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
      if (Date.now() > giveUpAt) assert.fail("it did not come to that");
      await sleep(5);
    }
  }

  it("hears of what other processes write, and of chats that they add people to", async () => {
    const fanOut = createFanOut(postgresCarrier(plaza.db("chat").target, "other"));
    closing.push(() => fanOut.close());
    const [ada, bruno, clara] = [person(), person(), person()];
    const { id } = await direct(ada, bruno);
    const seqs = told(hubWith(fanOut), bruno, { [id]: 1 });
    await until(() => seqs.includes("heartbeat"));
    // Until it listens, it hears nothing.
    await sleep(300);
    await say(ada, id);
    await until(() => seqs.includes(`${id} 2`));
    const { id: other } = await direct(clara, bruno);
    await until(() => seqs.includes(`${other} 1`));
  });

  it("finds what it heard nothing of when it looks", async () => {
    const [ada, bruno, clara] = [person(), person(), person()];
    const { id } = await direct(ada, bruno);
    const hub = hubWith(deaf);
    const seqs = told(hub, bruno, { [id]: 1 });
    await until(() => seqs.includes("heartbeat"));
    await hub.look();
    await say(ada, id);
    await say(ada, id);
    const { id: other } = await direct(clara, bruno);
    await sleep(50);
    assert.deepEqual(seqs, ["heartbeat"]);
    await hub.look();
    await until(() => seqs.length === 4);
    assert.deepEqual(seqs.toSorted(), [`${id} 2`, `${id} 3`, `${other} 1`, "heartbeat"].toSorted());
  });

  it("tells somebody who reads at once as much as there is", async () => {
    const [ada, bruno] = [person(), person()];
    const { id } = await direct(ada, bruno);
    const hub = hubWith(deaf);
    const seqs = told(hub, bruno, { [id]: 1 });
    await until(() => seqs.includes("heartbeat"));
    // Nearly twice of what may wait for a reader.
    const text = "x".repeat(4_000);
    await Promise.all(Array.from({ length: 150 }, () => say(ada, id, text)));
    await hub.look();
    await until(() => seqs.length === 151);
  });

  it("does not pass over a transaction that commits after one that began later", async () => {
    const [ada, bruno] = [person(), person()];
    const [late, early] = [await direct(ada, bruno), await direct(ada, person())];
    const hub = hubWith(deaf);
    const seqs = told(hub, bruno, { [late.id]: 1 });
    await until(() => seqs.includes("heartbeat"));
    await hub.look();
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
    await say(ada, early.id);
    await hub.look();
    slow.resolve();
    await committed;
    await hub.look();
    await until(() => seqs.includes(`${late.id} 2`));
  });
});

/** A crowd in one chat. */
describe("a hub with many followers", () => {
  const plaza = testChat();
  const { person, direct, say } = plaza;

  it("lets others take their turn while it tells them, and tells everything in order", async () => {
    const [ada, bruno] = [person(), person()];
    const { id } = await direct(ada, bruno);
    const hub = new Hub({ db: plaza.db("chat"), log: silent, fanOut: deaf });
    const turns: number[] = [];
    const told: string[] = [];
    let turn = 0;
    const followers = Array.from({ length: 1_000 }, (_, n): Follower => {
      const nothing = () => undefined;
      const tell = (deliveries: readonly Delivery[]) => {
        told.push(...deliveries.map(({ entry }) => `${n} ${entry.seq}`));
        turns.push(turn);
      };
      return { userId: bruno.id, tell, pass: nothing, added: nothing, beat: nothing, end: nothing };
    });
    for (const follower of followers) hub.watch(follower, id, 1);
    for (let n = 0; n < 2; n += 1) await say(ada, id);
    await hub.look();
    for (; told.length < 2_000; turn += 1) await nextTurn();
    const expected = followers.flatMap((_, n) => [2, 3].map((seq) => `${n} ${seq}`));
    assert.deepEqual(told, expected);
    assert.ok(new Set(turns).size >= 10, `${new Set(turns).size} turns`);
  });
});

/** Tells nobody anything. */
const deaf: FanOut = {
  publish: () => undefined,
  subscribe: () => () => undefined,
  close: async () => undefined,
};

function nameOf({ event }: SubscribeResponse): string {
  return event.case === "entry" ? `${event.value.chatId} ${event.value.seq}` : `${event.case}`;
}
