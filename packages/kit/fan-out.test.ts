import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createFanOut, type FanOut } from "./fan-out.ts";
import { postgresCarrier } from "./fan-out-postgres.ts";
import { kitMigrations } from "./migrate.ts";
import { testDatabase } from "./testing-db.ts";

describe("a fan-out over PostgreSQL", () => {
  const pool = testDatabase(kitMigrations);
  const open: FanOut[] = [];

  afterEach(() => Promise.all(open.splice(0).map((one) => one.close())));

  /** What one process hears of a topic. */
  function listen(topic: string): { fanOut: FanOut; heard: string[]; missed: () => number } {
    const fanOut = createFanOut(postgresCarrier(pool().target, "plaza-test fan-out"));
    const heard: string[] = [];
    let missed = 0;
    open.push(fanOut);
    fanOut.subscribe(topic, {
      heard: (line) => heard.push(line),
      missed: () => {
        missed += 1;
      },
    });
    return { fanOut, heard, missed: () => missed };
  }

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const giveUpAt = Date.now() + 10_000; !(await holds()); await sleep(5)) {
      if (Date.now() > giveUpAt) assert.fail("it did not come to that");
    }
  }

  it("tells those of this process at once, and those of others soon, once each", async () => {
    const [one, other] = [listen("news"), listen("news")];
    await until(() => one.missed() > 0 && other.missed() > 0);
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

  it("sends what is published in one turn together, in parts that PostgreSQL takes", async () => {
    const [one, other] = [listen("news"), listen("news")];
    await until(() => one.missed() > 0 && other.missed() > 0);
    const lines = Array.from({ length: 500 }, (_, n) => `${n} ${"é".repeat(50)}`);
    for (const line of lines) one.fanOut.publish("news", line);
    await until(() => other.heard.length === lines.length);
    assert.deepEqual(other.heard, lines);
  });

  it("says that something may have been missed whenever it listens anew, and goes on", async () => {
    const [one, other] = [listen("news"), listen("news")];
    await until(() => one.missed() > 0 && other.missed() > 0);
    const before = other.missed();
    await pool()`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'plaza-test fan-out' and datname = current_database()`;
    await until(() => other.missed() > before && one.missed() > before);
    one.fanOut.publish("news", "again");
    await until(() => other.heard.includes("again"));
  });

  it("hears no more of what it does not subscribe to", async () => {
    const { fanOut, missed } = listen("news");
    await until(() => missed() > 0);
    const heard: string[] = [];
    const stop = fanOut.subscribe("news", { heard: (line) => heard.push(line) });
    fanOut.publish("news", "one");
    stop();
    fanOut.publish("news", "two");
    assert.deepEqual(heard, ["one"]);
  });

  it("loses what it cannot send, without an error", async () => {
    const fanOut = createFanOut(
      postgresCarrier({ ...pool().target, database: "nowhere" }, "plaza-test fan-out"),
    );
    fanOut.publish("news", "lost");
    await sleep(100);
    await fanOut.close();
  });
});
