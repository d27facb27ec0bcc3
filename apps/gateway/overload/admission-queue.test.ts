import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { shedCalls } from "../base/metrics.ts";
import { type AdmissionQueue, createAdmissionQueue } from "./admission-queue.ts";
import { createConcurrencyLimit } from "./concurrency-limit.ts";

const overloadError = new Error("too much");

describe("createAdmissionQueue", () => {
  let now = 0;
  let queue: AdmissionQueue;
  let log: string[];

  beforeEach(() => {
    mock.timers.enable({ apis: ["setInterval"] });
    queue = createAdmissionQueue(
      overloadError,
      createConcurrencyLimit(() => 1),
      () => now,
    );
    log = [];
  });
  afterEach(() => mock.timers.reset());

  /** Lets time pass, in which the process has no idle time and the limit is not raised. */
  function pass(ms: number): void {
    for (const end = now + ms; now < end; ) {
      now += 25;
      mock.timers.tick(10);
    }
  }

  function fill(): (() => void)[] {
    const ends: (() => void)[] = [];
    while (!queue.isFull()) ends.push(queue.acquire() as () => void);
    return ends;
  }

  function enqueue(name: string): void {
    queue.enqueue({ admit: () => log.push(`${name} in`), reject: () => log.push(`${name} out`) });
  }

  it("serves queued calls in order", async () => {
    const ends = fill();
    const second = Promise.resolve(queue.acquire()).then((end) => {
      log.push("second");
      return end;
    });
    const third = Promise.resolve(queue.acquire()).then(() => log.push("third"));
    ends[0]?.();
    const end = await second;
    assert.deepEqual(log, ["second"]);
    assert.equal(queue.isFull(), true);
    end();
    await third;
    assert.deepEqual(log, ["second", "third"]);
    assert.equal(queue.isFull(), true);
  });

  it("keeps the slot for the admitted call, and releases it when the call does not take it", () => {
    const ends = fill();
    let entered: unknown;
    queue.enqueue({
      admit() {
        entered = queue.acquire();
      },
      reject() {},
    });
    enqueue("b");
    enqueue("c");
    ends[0]?.();
    assert.equal(typeof entered, "function");
    assert.deepEqual(log, []);
    ends[1]?.();
    assert.deepEqual(log, ["b in", "c in"]);
  });

  it("lets a burst queue for 100 ms", () => {
    const ends = fill();
    pass(25);
    enqueue("a");
    pass(50);
    assert.deepEqual(log, []);
    for (const end of ends) end();
    assert.deepEqual(log, ["a in"]);
    assert.equal(queue.isOverloaded(), false);
  });

  it("rejects soon when it has been full for long", () => {
    const ends = fill();
    pass(200);
    assert.equal(queue.isOverloaded(), true);
    enqueue("a");
    pass(25);
    assert.deepEqual(log, ["a out"]);
    for (const end of ends) end();
    assert.equal(queue.isOverloaded(), false);
    assert.equal(queue.isFull(), false);
  });

  it("does not treat the queue as calm because all in it were rejected", () => {
    const ends = fill();
    pass(200);
    enqueue("a");
    pass(25);
    for (const end of ends) end();
    fill();
    enqueue("b");
    pass(25);
    assert.deepEqual(log, ["a out", "b out"]);
  });

  it("rejects calls that time out in the queue, and counts them", async () => {
    fill();
    const before = (await shedCalls.get()).values[0]?.value ?? 0;
    const call = Promise.resolve(queue.acquire());
    pass(250);
    await assert.rejects(call, overloadError);
    assert.equal((await shedCalls.get()).values[0]?.value, before + 1);
  });

  it("spends no more than a twentieth of its time on rejecting", () => {
    fill();
    pass(20);
    let rejected = 0;
    const reject = () => {
      rejected++;
      now += 0.25;
    };
    for (let n = 0; n < 100; n++) queue.enqueue({ admit() {}, reject });
    pass(150);
    rejected = 0;
    pass(50);
    assert.ok(rejected > 0 && rejected <= 2 * 2, `${rejected}`);
  });
});
