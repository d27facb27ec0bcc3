import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createStreamLogger, silentLogger } from "../telemetry/log.ts";
import { Workers } from "./workers.ts";

async function until(holds: () => boolean): Promise<void> {
  for (let n = 0; n < 500 && !holds(); n += 1) await sleep(10);
  assert.ok(holds());
}

describe("Workers", () => {
  it("repeat a job, never concurrently, until they are stopped", async () => {
    const workers = new Workers(silentLogger);
    let runs = 0;
    let running = 0;
    let most = 0;
    workers.repeat({
      name: "sweep",
      intervalMs: 1,
      async run() {
        runs += 1;
        running += 1;
        most = Math.max(most, running);
        await sleep(5);
        running -= 1;
      },
    });
    await until(() => runs > 3);
    await workers.stop();

    assert.equal(running, 0);
    assert.equal(most, 1);
    const stopped = runs;
    await sleep(20);
    assert.equal(runs, stopped);
  });

  it("log a failed job and run it again", async () => {
    const lines: { task: string; level: number; err: { message: string } }[] = [];
    const workers = new Workers(
      createStreamLogger({ write: (line) => void lines.push(JSON.parse(line)) }),
    );
    workers.repeat({
      name: "sweep",
      intervalMs: 1,
      run: async () => {
        throw new Error("no luck");
      },
    });
    await until(() => lines.length > 1);
    await workers.stop();
    assert.equal(lines[0]?.task, "sweep");
    assert.equal(lines[0].err.message, "no luck");
    assert.equal(lines[0].level, 50);
  });

  it("wait for running work when they are stopped, not for the next interval", async () => {
    const workers = new Workers(silentLogger);
    let isDone = false;
    workers.repeat({
      name: "slow",
      intervalMs: 60_000,
      async run() {
        await sleep(50);
        isDone = true;
      },
    });
    const startedAt = performance.now();
    await workers.stop();
    assert.ok(isDone);
    assert.ok(performance.now() - startedAt < 10_000);
  });
});
