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

/** What carries a fan-out, a way to cut its connections, and a carrier that leads nowhere. */
type BackendFixture = {
  connect(): PubSubConnector;
  disconnectAll(): Promise<unknown>;
  unreachable(): PubSubConnector;
};

describe("a fan-out over PostgreSQL", () => {
  const pool = testDatabase(kitMigrations);
  const name = "plaza-test fan-out";
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

describe("a fan-out over Redis", { skip: skipWithoutRedis }, () => {
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

  it("tells the log once that Redis cannot be reached, or does not let it in", async () => {
    const lines: string[] = [];
    const log = createStreamLogger({ write: (line) => lines.push(line) });
    const url = redis.url.replace("//", "//plaza:wrong@");
    const fanOut = createPubSub(redisBackend(url, "plaza-test", log));
    fanOut.subscribe("news", { onMessage: () => undefined });
    // One for the connection that listens, one for the one that sends.
    await until(() => lines.length === 2);
    await sleep(200);
    await fanOut.close();
    const told = lines.map((line) => JSON.parse(line));
    assert.deepEqual(
      told.map(({ msg }) => msg),
      ["Redis cannot be reached", "Redis cannot be reached"],
    );
    assert.match(told[0].err.message, /WRONGPASS/);
  });
});

function testBackend({ connect: openCarrier, disconnectAll, unreachable }: BackendFixture): void {
  const open: PubSub[] = [];

  afterEach(() => Promise.all(open.splice(0).map((one) => one.close())));

  /** What one process hears of a topic. */
  function listen(topic: string): { fanOut: PubSub; heard: string[]; missed: () => number } {
    const fanOut = createPubSub(openCarrier());
    const heard: string[] = [];
    let missed = 0;
    open.push(fanOut);
    fanOut.subscribe(topic, {
      onMessage: (line) => heard.push(line),
      onGap: () => {
        missed += 1;
      },
    });
    return { fanOut, heard, missed: () => missed };
  }

  /** Two processes that hear each other. */
  async function two() {
    const both = [listen("news"), listen("news")] as const;
    const [one, other] = both.map(({ fanOut }) => fanOut) as [PubSub, PubSub];
    const greeted = new Set<string>();
    one.subscribe("to-one", { onMessage: (line) => greeted.add(line) });
    other.subscribe("to-other", { onMessage: (line) => greeted.add(line) });
    await until(() => {
      one.publish("to-other", "from one");
      other.publish("to-one", "from other");
      return greeted.size === 2;
    });
    return both;
  }

  it("tells those of this process at once, and those of others soon, once each", async () => {
    const [one, other] = await two();
    one.fanOut.publish("news", "first line");
    assert.deepEqual(one.heard, ["first line"]);
    one.fanOut.publish("news", "second");
    one.fanOut.publish("olds", "third");
    await until(() => other.heard.length === 2);
    other.fanOut.publish("news", "back");
    await until(() => one.heard.length === 3);
    assert.deepEqual(other.heard, ["first line", "second", "back"]);
    assert.deepEqual(one.heard, ["first line", "second", "back"]);
  });

  it("sends what is published in one turn together, in parts that are carried", async () => {
    const [one, other] = await two();
    const lines = Array.from({ length: 2_000 }, (_, n) => `${n} ${"é".repeat(50)}`);
    for (const line of lines) one.fanOut.publish("news", line);
    await until(() => other.heard.length === lines.length);
    assert.deepEqual(other.heard, lines);
  });

  it("says that something may have been missed whenever it listens anew, and goes on", async () => {
    const [one, other] = await two();
    const before = [one.missed(), other.missed()];
    await disconnectAll();
    await until(() => [one, other].every(({ missed }, n) => missed() > (before[n] ?? 0)));
    await until(() => {
      one.fanOut.publish("news", "again");
      return other.heard.includes("again");
    });
  });

  it("hears no more of what it does not subscribe to", async () => {
    const { fanOut } = listen("news");
    const heard: string[] = [];
    const stop = fanOut.subscribe("news", { onMessage: (line) => heard.push(line) });
    fanOut.publish("news", "one");
    stop();
    fanOut.publish("news", "two");
    assert.deepEqual(heard, ["one"]);
  });

  it("loses what it cannot send, without an error", async () => {
    const fanOut = createPubSub(unreachable());
    fanOut.publish("news", "lost");
    await sleep(100);
    await fanOut.close();
  });
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const giveUpAt = Date.now() + 10_000; !(await holds()); await sleep(5)) {
    if (Date.now() > giveUpAt) assert.fail("it did not come to that");
  }
}
