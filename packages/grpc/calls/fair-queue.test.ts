import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FairQueue } from "./fair-queue.ts";

describe("a fair queue", () => {
  it("runs so many jobs at once, and lets the owners of the others take turns", async () => {
    const queue = new FairQueue(2);
    const greedy = {};
    const polite = {};
    const begun: string[] = [];
    let running = 0;
    let most = 0;
    const job = (name: string) => async () => {
      begun.push(name);
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return name;
    };
    const jobs = ["g1", "g2", "g3", "g4", "g5"].map((name) => queue.run(greedy, job(name)));
    jobs.push(queue.run(polite, job("p1")), queue.run(polite, job("p2")));
    const results = await Promise.all(jobs);
    assert.deepEqual(results, ["g1", "g2", "g3", "g4", "g5", "p1", "p2"]);
    assert.deepEqual(begun, ["g1", "g2", "g3", "p1", "g4", "p2", "g5"]);
    assert.equal(most, 2);
  });

  it("goes on after a job that fails", async () => {
    const queue = new FairQueue(1);
    const failed = queue.run({}, () => Promise.reject(new Error("no")));
    const next = queue.run({}, () => Promise.resolve("yes"));
    await assert.rejects(failed, /no/);
    assert.equal(await next, "yes");
  });
});
