import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { kitMigrations } from "../db/migrate.ts";
import { createStreamLogger, silentLogger } from "../telemetry/log.ts";
import { testDatabase } from "../testing/db.ts";
import { skipWithoutRedis, startRedis, type TestRedis } from "../testing/redis.ts";
import { postgresBackend } from "./postgres-backend.ts";
import { createPubSub, type PubSub, type PubSubConnector } from "./pubsub.ts";
import { redisBackend } from "./redis-backend.ts";

/** A backend under test, a way to cut its connections, and a backend without a server. */
type BackendFixture = {
  connect(): PubSubConnector;
  disconnectAll(): Promise<unknown>;
  unreachable(): PubSubConnector;
};

describe("postgresBackend", () => {
  const pool = testDatabase(kitMigrations);
  const name = "plaza-test pubsub";
  testBackend({
    connect: () => postgresBackend(pool().connectionConfig, name),
    disconnectAll: async () => {
      await pool()`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = ${name} and datname = current_database()`;
    },
    unreachable: () => postgresBackend({ ...pool().connectionConfig, database: "nowhere" }, name),
  });
});

describe("redisBackend", { skip: skipWithoutRedis }, () => {
  let redis: TestRedis;
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.stop());
  testBackend({
    connect: () => redisBackend(redis.url, "plaza-test", silentLogger),
    disconnectAll: () => redis.restart(),
    unreachable: () => redisBackend("redis://127.0.0.1:1", "plaza-test", silentLogger),
  });

  it("logs once that Redis is out of reach or rejects the password", async () => {
    const lines: string[] = [];
    const log = createStreamLogger({ write: (line) => lines.push(line) });
    const url = redis.url.replace("//", "//plaza:wrong@");
    const pubsub = createPubSub(redisBackend(url, "plaza-test", log));
    pubsub.subscribe("news", { onMessage: () => undefined });
    // One for each of the two connections.
    await waitUntil(() => lines.length === 2);
    await sleep(200);
    await pubsub.close();
    const entries = lines.map((line) => JSON.parse(line));
    assert.deepEqual(
      entries.map(({ msg }) => msg),
      ["Redis is unavailable", "Redis is unavailable"],
    );
    assert.match(entries[0].err.message, /WRONGPASS/);
  });
});

function testBackend({ connect, disconnectAll, unreachable }: BackendFixture): void {
  const open: PubSub[] = [];

  afterEach(() => Promise.all(open.splice(0).map((one) => one.close())));

  /** Subscribes as a process of its own; collects the messages it receives. */
  function subscribe(topic: string): { pubsub: PubSub; received: string[]; gaps: () => number } {
    const pubsub = createPubSub(connect());
    const received: string[] = [];
    let gaps = 0;
    open.push(pubsub);
    pubsub.subscribe(topic, {
      onMessage: (line) => received.push(line),
      onGap: () => {
        gaps += 1;
      },
    });
    return { pubsub, received, gaps: () => gaps };
  }

  /** Two connected processes. */
  async function connectTwo() {
    const both = [subscribe("news"), subscribe("news")] as const;
    const [one, other] = both.map(({ pubsub }) => pubsub) as [PubSub, PubSub];
    const greeted = new Set<string>();
    one.subscribe("to-one", { onMessage: (line) => greeted.add(line) });
    other.subscribe("to-other", { onMessage: (line) => greeted.add(line) });
    await waitUntil(() => {
      one.publish("to-other", "from one");
      other.publish("to-one", "from other");
      return greeted.size === 2;
    });
    return both;
  }

  it("delivers once to each listener, synchronously in the same process", async () => {
    const [one, other] = await connectTwo();
    one.pubsub.publish("news", "first line");
    assert.deepEqual(one.received, ["first line"]);
    one.pubsub.publish("news", "second");
    one.pubsub.publish("olds", "third");
    await waitUntil(() => other.received.length === 2);
    other.pubsub.publish("news", "back");
    await waitUntil(() => one.received.length === 3);
    assert.deepEqual(other.received, ["first line", "second", "back"]);
    assert.deepEqual(one.received, ["first line", "second", "back"]);
  });

  it("splits the messages of one turn into batches below the size limit", async () => {
    const [one, other] = await connectTwo();
    const lines = Array.from({ length: 2_000 }, (_, n) => `${n} ${"é".repeat(50)}`);
    for (const line of lines) one.pubsub.publish("news", line);
    await waitUntil(() => other.received.length === lines.length);
    assert.deepEqual(other.received, lines);
  });

  it("reports a gap after each reconnect, and continues", async () => {
    const [one, other] = await connectTwo();
    const before = [one.gaps(), other.gaps()];
    await disconnectAll();
    await waitUntil(() => [one, other].every(({ gaps }, n) => gaps() > (before[n] ?? 0)));
    await waitUntil(() => {
      one.pubsub.publish("news", "again");
      return other.received.includes("again");
    });
  });

  it("delivers nothing after unsubscribe", async () => {
    const { pubsub } = subscribe("news");
    const received: string[] = [];
    const stop = pubsub.subscribe("news", { onMessage: (line) => received.push(line) });
    pubsub.publish("news", "one");
    stop();
    pubsub.publish("news", "two");
    assert.deepEqual(received, ["one"]);
  });

  it("drops what it cannot send, without an error", async () => {
    const pubsub = createPubSub(unreachable());
    pubsub.publish("news", "lost");
    await sleep(100);
    await pubsub.close();
  });
}

async function waitUntil(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; !(await isTrue()); await sleep(5)) {
    if (Date.now() > deadline) assert.fail("the condition did not become true");
  }
}
