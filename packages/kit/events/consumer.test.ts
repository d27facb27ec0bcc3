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

describe("consume", () => {
  const source = testDatabase(kitMigrations);
  const consumerDb = testDatabase(kitMigrations);
  const running: { stop: AbortController; over: Promise<void> }[] = [];
  let poison: string | undefined;

  before(
    () => consumerDb()`create table effect (position serial primary key, post_id text not null)`,
  );
  beforeEach(async () => {
    poison = undefined;
    await source()`truncate event`;
    await consumerDb()`truncate event_cursor, effect restart identity`;
  });
  after(async () => {
    await stopAll();
  });

  function events(): Client<typeof EventService> {
    const implementation = eventService(
      new Map([["posts", source()]]),
      new AbortController().signal,
    );
    const hosted = [{ contract: EventService, implementation: implementation as never }];
    return createClient(EventService, createLocalTransport(hosted, { inspect: deepFreeze }));
  }

  async function effect(tx: Tx, { postId }: { postId: string }): Promise<void> {
    await tx`insert into effect (post_id) values (${postId})`;
    if (postId === poison) throw new Error("the handler fails");
  }

  function options(changes: Partial<ConsumerOptions> = {}): ConsumerOptions {
    const eventHandlers = [onEvent("posts", PostCreatedSchema, effect)];
    return {
      source: "posts",
      eventHandlers,
      db: consumerDb(),
      eventClient: events(),
      log: silentLogger,
      ...changes,
    };
  }

  function start(consumerOptions = options()): AbortController {
    const stop = new AbortController();
    running.push({ stop, over: consume(consumerOptions, stop.signal) });
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
    const rows = await consumerDb()<
      { postId: string }[]
    >`select post_id from effect order by position`;
    return rows.map(({ postId }) => postId);
  }

  async function until(count: number): Promise<string[]> {
    for (let n = 0; n < 1_500 && (await effects()).length < count; n += 1) await sleep(20);
    return effects();
  }

  const names = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => `p${from + n}`);

  it("applies each event once, in order", async () => {
    await post(...names(0, 250));
    assert.equal(await drain(options()), 250);
    assert.equal(await drain(options()), 0);
    assert.deepEqual(await effects(), names(0, 250));
  });

  it("applies an event soon after it is published", async () => {
    start();
    await sleep(50);
    await post("p0");
    assert.deepEqual(await until(1), ["p0"]);
    await stopAll();
  });

  it("skips events without a handler", async () => {
    await post("p0");
    assert.equal(await drain(options({ eventHandlers: [] })), 1);
    assert.equal(await drain(options()), 0);
    assert.deepEqual(await effects(), []);
  });

  it("applies each event once, however often it dies between read and commit", async () => {
    await post(...names(0, 20));
    for (let death = 0; death < 20; death += 1) {
      let handled = 0;
      const dying = onEvent("posts", PostCreatedSchema, async (tx, event) => {
        await effect(tx, event);
        handled += 1;
        if (handled > death) throw new Error("dies");
      });
      await assert.rejects(drain(options({ eventHandlers: [dying] })), /dies/);
    }
    await drain(options());
    assert.deepEqual(await effects(), names(0, 20));
  });

  it("applies each event once when its connection is cut during the transaction", async () => {
    await post(...names(0, 5));
    const cut = onEvent("posts", PostCreatedSchema, async (tx, event) => {
      await effect(tx, event);
      await tx`select pg_terminate_backend(pg_backend_pid())`;
    });
    await assert.rejects(drain(options({ eventHandlers: [cut] })));
    await drain(options());
    assert.deepEqual(await effects(), names(0, 5));
  });

  it("applies each event once with two consumers", async () => {
    start();
    start();
    for (let n = 0; n < 200; n += 10) {
      await post(...names(n, n + 10));
      await sleep(n % 30);
    }
    await until(200);
    await Promise.all([drain(options()), drain(options())]);
    assert.deepEqual(await effects(), names(0, 200));
    await stopAll();
  });

  it("applies the events before a failing one, and blocks those behind it", async () => {
    poison = "p37";
    await post(...names(0, 60));
    start();
    assert.deepEqual(await until(37), names(0, 37));
    await sleep(300);
    assert.deepEqual(await effects(), names(0, 37));

    poison = undefined;
    assert.deepEqual(await until(60), names(0, 60));
    await stopAll();
  });

  it("continues after an outage of the source", async () => {
    let isDown = true;
    const real = events();
    const flaky: Client<typeof EventService> = {
      readEvents: async (...call) => {
        if (isDown) throw new Error("out of reach");
        return real.readEvents(...call);
      },
    };
    await post("p0");
    start(options({ eventClient: flaky }));
    await sleep(100);
    isDown = false;
    assert.deepEqual(await until(1), ["p0"]);
    await stopAll();
  });

  it("stops at once, also while it waits for events", async () => {
    start();
    await sleep(50);
    const stoppedAt = performance.now();
    await stopAll();
    assert.ok(performance.now() - stoppedAt < 5_000);
  });
});
