import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { shedCalls } from "../base/metrics.ts";
import { type AdmissionQueue, createAdmissionQueue } from "./admission-queue.ts";
import { createConcurrencyLimit } from "./concurrency-limit.ts";

const refusal = new Error("too much");

describe("createLoad", () => {
  let now = 0;
  let load: AdmissionQueue;
  let log: string[];

  beforeEach(() => {
    mock.timers.enable({ apis: ["setInterval"] });
    load = createAdmissionQueue(
      refusal,
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
    while (!load.isFull()) ends.push(load.acquire() as () => void);
    return ends;
  }

  function wait(name: string): void {
    load.enqueue({ admit: () => log.push(`${name} in`), reject: () => log.push(`${name} out`) });
  }

  it("has who comes while it is full wait for who ends, in turn", async () => {
    const ends = fill();
    const second = Promise.resolve(load.acquire()).then((end) => {
      log.push("second");
      return end;
    });
    const third = Promise.resolve(load.acquire()).then(() => log.push("third"));
    ends[0]?.();
    const end = await second;
    assert.deepEqual(log, ["second"]);
    assert.equal(load.isFull(), true);
    end();
    await third;
    assert.deepEqual(log, ["second", "third"]);
    assert.equal(load.isFull(), true);
  });

  it("keeps room for who is admitted, and takes it back when he does not enter", () => {
    const ends = fill();
    let entered: unknown;
    load.enqueue({
      admit() {
        entered = load.acquire();
      },
      reject() {},
    });
    wait("b");
    wait("c");
    ends[0]?.();
    assert.equal(typeof entered, "function");
    assert.deepEqual(log, []);
    ends[1]?.();
    assert.deepEqual(log, ["b in", "c in"]);
  });

  it("lets a burst wait for 100 ms", () => {
    const ends = fill();
    pass(25);
    wait("a");
    pass(50);
    assert.deepEqual(log, []);
    for (const end of ends) end();
    assert.deepEqual(log, ["a in"]);
    assert.equal(load.isOverloaded(), false);
  });

  it("lets nobody wait for long when it has been full for long", () => {
    const ends = fill();
    pass(200);
    assert.equal(load.isOverloaded(), true);
    wait("a");
    pass(25);
    assert.deepEqual(log, ["a out"]);
    for (const end of ends) end();
    assert.equal(load.isOverloaded(), false);
    assert.equal(load.isFull(), false);
  });

  it("takes no queue for a burst that is empty because all were refused", () => {
    const ends = fill();
    pass(200);
    wait("a");
    pass(25);
    for (const end of ends) end();
    fill();
    wait("b");
    pass(25);
    assert.deepEqual(log, ["a out", "b out"]);
  });

  it("rejects who waited in vain, and counts him", async () => {
    fill();
    const before = (await shedCalls.get()).values[0]?.value ?? 0;
    const call = Promise.resolve(load.acquire());
    pass(250);
    await assert.rejects(call, refusal);
    assert.equal((await shedCalls.get()).values[0]?.value, before + 1);
  });

  it("spends no more than a twentieth of its time on refusing", () => {
    fill();
    pass(20);
    let refused = 0;
    const reject = () => {
      refused++;
      now += 0.25;
    };
    for (let n = 0; n < 100; n++) load.enqueue({ admit() {}, reject });
    pass(150);
    refused = 0;
    pass(50);
    assert.ok(refused > 0 && refused <= 2 * 2, `${refused}`);
  });
});
