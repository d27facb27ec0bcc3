import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, Code, createClient } from "@connectrpc/connect";
import { EventService } from "@plaza/contract/kit/v1/events";
import { PostDeletedSchema } from "@plaza/contract/posts/v1/events";
import { connect, type Pool } from "../db/database.ts";
import { kitMigrations, migrate } from "../db/migrate.ts";
import { createLocalTransport } from "../rpc/local-transport.ts";
import { withMiddleware } from "../rpc/pipeline.ts";
import { silentLogger } from "../telemetry/log.ts";
import { assertRefused } from "../testing/assert-refused.ts";
import { emptyDatabase } from "../testing/db.ts";
import {
  changeAggregate,
  checkLog,
  createAggregateTable,
  type LogReader,
  lateCommit,
  lateLock,
  type ObservedEvent,
  readToEnd,
  sequenceReader,
  snapshotReader,
  transactionOrderReader,
} from "../testing/events.ts";
import { eventService } from "./event-log.ts";
import { publishAll } from "./outbox.ts";

describe("the event log", () => {
  // A connection for each of the writers and readers below.
  const target = emptyDatabase();
  let pool: Pool;
  const database = () => pool;
  before(async () => {
    pool = connect(target(), { max: 24 });
    await migrate(pool, kitMigrations, "kit_migration");
    await createAggregateTable(pool);
  });
  after(() => pool.end());
  beforeEach(async () => {
    await database()`truncate event, aggregate`;
  });

  describe("under concurrent writers", () => {
    const writers = 16;
    const transactions = 40;

    // Several changes in each transaction, in the order of the names, so that writers wait but never
    // deadlock; one transaction in eight is rolled back.
    async function write(seed: number): Promise<void> {
      let state = seed;
      const random = (below: number) => {
        state = (state * 48_271) % 2_147_483_647;
        return state % below;
      };
      for (let n = 0; n < transactions; n += 1) {
        const names = Array.from({ length: 1 + random(4) }, () => `a${random(40)}`).sort();
        const work = database().begin(async (tx) => {
          for (const name of names) await changeAggregate(tx, name);
          await sleep(random(30));
          if (random(8) === 0) throw new Error("rolled back on purpose");
        });
        await work.catch((error: Error) => assert.match(error.message, /on purpose/));
      }
    }

    it("is read completely, each event once, in order for each aggregate", async () => {
      let isWriting = true;
      const readers = [1, 7, 1_000].map((limit) =>
        readToEnd(snapshotReader(database(), limit), () => !isWriting),
      );
      await Promise.all(Array.from({ length: writers }, (_, n) => write(n + 1)));
      isWriting = false;
      for (const read of await Promise.all(readers)) {
        const { published, ...faults } = await checkLog(database(), read);
        assert.ok(published > 1_000, `${published} events`);
        assert.deepEqual(faults, { lost: 0, duplicated: 0, reordered: 0 });
      }
    });
  });

  describe("in its order", () => {
    const readers: [string, (limit: number) => LogReader][] = [
      ["snapshots", (limit) => snapshotReader(database(), limit)],
      ["id above my last", (limit) => sequenceReader(database(), limit)],
      ["transaction ids below xmin", (limit) => transactionOrderReader(database(), limit)],
    ];
    const situations = [
      ["commits late", lateCommit],
      ["waits for a lock", lateLock],
    ] as const;
    const fine = { published: 2, lost: 0, duplicated: 0, reordered: 0 };
    const faults: Record<string, object> = {
      "id above my last, when a transaction commits late": { lost: 1 },
      "transaction ids below xmin, when a transaction waits for a lock": { reordered: 1 },
    };
    for (const [name, makeReader] of readers) {
      for (const [situation, play] of situations) {
        const claim = `${name}, when a transaction ${situation}`;
        const fault = faults[claim];
        it(`${fault ? "is lost by" : "is kept by"} ${claim}`, async () => {
          for (const limit of [1, 10]) {
            await database()`truncate event, aggregate`;
            const reader = makeReader(limit);
            const read: ObservedEvent[] = [];
            await play(database(), async () => {
              read.push(...(await readToEnd(reader, () => true)));
            });
            assert.deepEqual(await checkLog(database(), read), { ...fine, ...fault });
          }
        });
      }
    }
  });

  describe("EventService", () => {
    function client(closing = new AbortController().signal): Client<typeof EventService> {
      const logs = new Map([["posts", database()]]);
      const implementation = withMiddleware(EventService, eventService(logs, closing), {
        authenticate: () => ({ service: "users" }),
        log: silentLogger,
      });
      const hosted = [{ contract: EventService, implementation: implementation as never }];
      return createClient(EventService, createLocalTransport(hosted));
    }

    it("returns the events of one statement in the given order", async () => {
      const ids = Array.from({ length: 300 }, (_, n) => `p${n}`);
      const events = ids.map((postId) => ({ init: { postId }, aggregateId: postId }));
      await database().begin((tx) => publishAll(tx, PostDeletedSchema, events));
      const found: string[] = [];
      for (let after: { after?: object } = {}; ; ) {
        const read = await client().readEvents({ source: "posts", limit: 7, ...after });
        if (read.events.length === 0) break;
        found.push(...read.events.map(({ aggregateId }) => aggregateId));
        assert.ok(read.next);
        after = { after: read.next };
      }
      assert.deepEqual(found, ids);
    });

    it("returns type, payload and publish time of each event", async () => {
      const startedAt = Date.now();
      await database().begin((tx) => changeAggregate(tx, "a"));
      const { events } = await client().readEvents({ source: "posts" });
      const [event] = events;
      assert.equal(event?.aggregateId, "a");
      assert.equal(event.payload?.typeUrl, "type.googleapis.com/plaza.posts.v1.PostCreated");
      assert.ok(Number(event.announceTime?.seconds) >= Math.floor(startedAt / 1_000) - 1);
    });

    it("returns soon after an event is published", async () => {
      const waiting = client().readEvents({ source: "posts", waitMs: 20_000 });
      await sleep(50);
      const publishedAt = performance.now();
      await database().begin((tx) => changeAggregate(tx, "a"));
      assert.equal((await waiting).events.length, 1);
      assert.ok(performance.now() - publishedAt < 2_000);
    });

    it("returns no events as soon as the process closes", { timeout: 20_000 }, async () => {
      const closing = new AbortController();
      const waiting = client(closing.signal).readEvents({ source: "posts", waitMs: 30_000 });
      await sleep(50);
      closing.abort();
      assert.deepEqual((await waiting).events, []);
    });

    it("returns events after a window that was full", async () => {
      await database().begin((tx) => changeAggregate(tx, "a"));
      const { next: after } = await client().readEvents({ source: "posts", limit: 1 });
      assert.ok(after);
      const waiting = client().readEvents({ source: "posts", after, waitMs: 10_000 });
      await sleep(50);
      await database().begin((tx) => changeAggregate(tx, "b"));
      assert.equal((await waiting).events[0]?.aggregateId, "b");
    });

    it("returns no events, but a cursor, when none is published in time", async () => {
      const { events, next } = await client().readEvents({ source: "posts", waitMs: 10 });
      assert.equal(events.length, 0);
      assert.ok(next?.seen);
    });

    it("returns the end of the log, from which only later events are read", async () => {
      await database().begin((tx) => changeAggregate(tx, "before"));
      const { events, next: after } = await client().readEvents({ source: "posts", fromEnd: true });
      assert.equal(events.length, 0);
      assert.ok(after);
      await database().begin((tx) => changeAggregate(tx, "after"));
      const read = await client().readEvents({ source: "posts", after });
      assert.deepEqual(
        read.events.map(({ aggregateId }) => aggregateId),
        ["after"],
      );
    });

    it("returns a cursor before the events of the last seconds, and before those still to commit", async () => {
      await database().begin((tx) => changeAggregate(tx, "old"));
      await database()`update event set announce_time = now() - interval '1 hour'`;
      const request = { source: "posts", lookbackSeconds: 60 };
      const { next: after } = await database().begin(async (tx) => {
        await changeAggregate(tx, "uncommitted");
        await database().begin((other) => changeAggregate(other, "new"));
        const read = await client().readEvents(request);
        assert.equal(read.events.length, 0);
        return read;
      });
      assert.ok(after);
      const { events } = await client().readEvents({ source: "posts", after });
      const ids = events.map(({ aggregateId }) => aggregateId);
      // Older ones are among them while a transaction of another database runs that is older still.
      assert.deepEqual(ids.slice(-2), ["uncommitted", "new"]);
      await database()`update event set announce_time = now() - interval '1 hour'`;
      for (let isEmpty = false; !isEmpty; await sleep(5)) {
        const { next: end } = await client().readEvents(request);
        assert.ok(end);
        isEmpty = (await client().readEvents({ source: "posts", after: end })).events.length === 0;
      }
    });

    it("stops when the call is cancelled", async () => {
      const controller = new AbortController();
      const options = { signal: controller.signal };
      const waiting = client().readEvents({ source: "posts", waitMs: 20_000 }, options);
      setTimeout(() => controller.abort(), 20);
      await assert.rejects(waiting, { code: Code.Canceled });
    });

    it("refuses an unknown source", async () => {
      await assertRefused(client().readEvents({ source: "x" }), Code.NotFound, "NO_SUCH_SOURCE");
    });

    const bad = ["x", "1", "5:1:", "0:0:", "1:5:9", "1:9:7,3", "1:1:'", "9".repeat(40)];
    for (const snapshot of bad) {
      for (const part of ["seen", "target"] as const) {
        it(`refuses ${snapshot.slice(0, 10)} as what was ${part}`, async () => {
          const call = client().readEvents({ source: "posts", after: { [part]: snapshot } });
          await assertRefused(call, Code.InvalidArgument, "BAD_CURSOR");
        });
      }
    }

    it("refuses a sequence number out of range", async () => {
      const call = client().readEvents({ source: "posts", after: { sequence: 2n ** 64n - 1n } });
      await assertRefused(call, Code.InvalidArgument, "BAD_CURSOR");
    });
  });
});
