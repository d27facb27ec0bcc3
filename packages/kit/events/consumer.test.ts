import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createClient } from "@connectrpc/connect";
import { EventService } from "@plaza/contract/kit/v1/events";
import { PostCreatedSchema } from "@plaza/contract/posts/v1/events";
import type { Tx } from "../db/database.ts";
import { kitMigrations } from "../db/migrate.ts";
import { createLocalTransport } from "../rpc/local-transport.ts";
import { silentLogger } from "../telemetry/log.ts";
import { testDatabase } from "../testing/db.ts";
import { deepFreeze } from "../testing/plaza.ts";
import { type ConsumerOptions, consume, drain } from "./consumer.ts";
import { onEvent } from "./event-handler.ts";
import { eventService } from "./event-log.ts";
import { publish } from "./outbox.ts";

describe("following a source", () => {
  const source = testDatabase(kitMigrations);
  const own = testDatabase(kitMigrations);
  const running: { stop: AbortController; over: Promise<void> }[] = [];
  let poison: string | undefined;

  before(() => own()`create table effect (position serial primary key, post_id text not null)`);
  beforeEach(async () => {
    poison = undefined;
    await source()`truncate event`;
    await own()`truncate event_cursor, effect restart identity`;
  });
  after(async () => {
    await stopAll();
  });

  function events(): Client<typeof EventService> {
    const implementation = eventService(new Map([["posts", source()]]));
    const hosted = [{ contract: EventService, implementation: implementation as never }];
    return createClient(EventService, createLocalTransport(hosted, { inspect: deepFreeze }));
  }

  async function effect(tx: Tx, { postId }: { postId: string }): Promise<void> {
    await tx`insert into effect (post_id) values (${postId})`;
    if (postId === poison) throw new Error("cannot digest this one");
  }

  function follower(changes: Partial<ConsumerOptions> = {}): ConsumerOptions {
    const eventHandlers = [onEvent("posts", PostCreatedSchema, effect)];
    return {
      source: "posts",
      eventHandlers,
      db: own(),
      eventClient: events(),
      log: silentLogger,
      ...changes,
    };
  }

  function start(options = follower()): AbortController {
    const stop = new AbortController();
    running.push({ stop, over: consume(options, stop.signal) });
    return stop;
  }

  async function stopAll(): Promise<void> {
    for (const { stop } of running) stop.abort();
    await Promise.all(running.splice(0).map(({ over }) => over));
  }

  async function post(...ids: string[]): Promise<void> {
    await source().begin(async (tx) => {
      for (const postId of ids) await publish(tx, PostCreatedSchema, { postId }, postId);
    });
  }

  async function effects(): Promise<string[]> {
    const rows = await own()<{ postId: string }[]>`select post_id from effect order by position`;
    return rows.map(({ postId }) => postId);
  }

  async function until(count: number): Promise<string[]> {
    for (let n = 0; n < 1_500 && (await effects()).length < count; n += 1) await sleep(20);
    return effects();
  }

  const named = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => `p${from + n}`);

  it("takes effect once for each event, in order", async () => {
    await post(...named(0, 250));
    assert.equal(await drain(follower()), 250);
    assert.equal(await drain(follower()), 0);
    assert.deepEqual(await effects(), named(0, 250));
  });

  it("takes effect soon after an event is announced", async () => {
    start();
    await sleep(50);
    await post("p0");
    assert.deepEqual(await until(1), ["p0"]);
    await stopAll();
  });

  it("passes over events that nobody reacts to", async () => {
    await post("p0");
    assert.equal(await drain(follower({ eventHandlers: [] })), 1);
    assert.equal(await drain(follower()), 0);
    assert.deepEqual(await effects(), []);
  });

  it("takes effect once, however often it dies between the read and the commit", async () => {
    await post(...named(0, 20));
    for (let death = 0; death < 20; death += 1) {
      let handled = 0;
      const dying = onEvent("posts", PostCreatedSchema, async (tx, event) => {
        await effect(tx, event);
        handled += 1;
        if (handled > death) throw new Error("dies");
      });
      await assert.rejects(drain(follower({ eventHandlers: [dying] })), /dies/);
    }
    await drain(follower());
    assert.deepEqual(await effects(), named(0, 20));
  });

  it("takes effect once when its connection is cut during the transaction", async () => {
    await post(...named(0, 5));
    const cut = onEvent("posts", PostCreatedSchema, async (tx, event) => {
      await effect(tx, event);
      await tx`select pg_terminate_backend(pg_backend_pid())`;
    });
    await assert.rejects(drain(follower({ eventHandlers: [cut] })));
    await drain(follower());
    assert.deepEqual(await effects(), named(0, 5));
  });

  it("takes effect once when two processes follow", async () => {
    start();
    start();
    for (let n = 0; n < 200; n += 10) {
      await post(...named(n, n + 10));
      await sleep(n % 30);
    }
    await until(200);
    await Promise.all([drain(follower()), drain(follower())]);
    assert.deepEqual(await effects(), named(0, 200));
    await stopAll();
  });

  it("gets the events before a bad one through, and holds up those behind it", async () => {
    poison = "p37";
    await post(...named(0, 60));
    start();
    assert.deepEqual(await until(37), named(0, 37));
    await sleep(300);
    assert.deepEqual(await effects(), named(0, 37));

    poison = undefined;
    assert.deepEqual(await until(60), named(0, 60));
    await stopAll();
  });

  it("goes on when the source was out of reach for a while", async () => {
    let isAway = true;
    const real = events();
    const flaky: Client<typeof EventService> = {
      readEvents: async (...call) => {
        if (isAway) throw new Error("out of reach");
        return real.readEvents(...call);
      },
    };
    await post("p0");
    start(follower({ eventClient: flaky }));
    await sleep(100);
    isAway = false;
    assert.deepEqual(await until(1), ["p0"]);
    await stopAll();
  });

  it("stops at once, even while it waits for events", async () => {
    start();
    await sleep(50);
    const stoppedAt = performance.now();
    await stopAll();
    assert.ok(performance.now() - stoppedAt < 5_000);
  });
});
