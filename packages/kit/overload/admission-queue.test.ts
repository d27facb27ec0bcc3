import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { rejectedCalls } from "../telemetry/metrics.ts";
import { type AdmissionQueue, createAdmissionQueue } from "./admission-queue.ts";
import { createConcurrencyLimit } from "./concurrency-limit.ts";
import { overloadedFault } from "./overloaded-fault.ts";

describe("createAdmissionQueue", () => {
  let now = 0;
  let queue: AdmissionQueue;
  /** Ends the calls in flight, the oldest first. */
  let inFlight: (() => void)[];
  let rejected: number;
  let waitsMs: number[];

  beforeEach(() => {
    mock.timers.enable({ apis: ["setInterval"] });
    // An event loop without idle time, as under every load that keeps a process busy.
    queue = createAdmissionQueue(
      createConcurrencyLimit(() => 1),
      () => now,
    );
    inFlight = [];
    rejected = 0;
    waitsMs = [];
  });
  afterEach(() => mock.timers.reset());

  function call(timeoutMs?: number): void {
    const since = now;
    const acquired = queue.acquire(timeoutMs);
    if (!(acquired instanceof Promise)) inFlight.push(acquired);
    else {
      acquired.then(
        (release) => {
          inFlight.push(release);
          waitsMs.push(now - since);
        },
        (error) => {
          assert.equal(error, overloadedFault);
          rejected++;
        },
      );
    }
  }

  /** Lets time pass while the process ends `perSecond` calls, each of which is followed by `next`. */
  async function serve(ms: number, perSecond: number, next = () => {}): Promise<void> {
    for (const end = now + ms; now < end; ) {
      now += 10;
      for (let n = 0; n < perSecond / 100 && inFlight.length > 0; n++) {
        inFlight.shift()?.();
        next();
      }
      mock.timers.tick(10);
      await Promise.resolve();
    }
  }

  it("admits queued calls in order, as others end", async () => {
    const order: number[] = [];
    while (inFlight.length < 64) call();
    for (const n of [1, 2]) void Promise.resolve(queue.acquire()).then(() => order.push(n));
    inFlight[0]?.();
    await Promise.resolve();
    assert.deepEqual(order, [1]);
    inFlight[1]?.();
    await Promise.resolve();
    assert.deepEqual(order, [1, 2]);
  });

  it("rejects none of a closed loop that is served within a second, however busy the process is", async () => {
    for (const clients of [100, 512]) {
      for (let n = 0; n < clients; n++) call();
      await serve(10_000, 700, call);
      while (inFlight.length > 0) await serve(100, 700);
    }
    assert.equal(rejected, 0);
  });

  it("rejects none for a pause of the event loop", async () => {
    for (let n = 0; n < 512; n++) call();
    await serve(3_000, 1_000, call);
    now += 3_000;
    await serve(3_000, 1_000, call);
    assert.equal(rejected, 0);
  });

  it("rejects none in a burst of three times what it can serve, for 200 ms", async () => {
    for (let burst = 0; burst < 4; burst++) {
      for (let n = 0; n < 600; n++) call();
      while (inFlight.length > 0) await serve(50, 1_000);
    }
    assert.equal(rejected, 0);
  });

  it("keeps the wait below a second, and rejects at once what would wait longer", async () => {
    for (let turn = 0; turn < 1_000; turn++) {
      for (let n = 0; n < 20; n++) call();
      await serve(10, 500);
    }
    // 2,000 calls a second came, and 500 were served.
    assert.ok(rejected > 14_000 && rejected < 15_000, `${rejected}`);
    // At first a rate of 1,000 calls a second is assumed.
    const settledMs = waitsMs.slice(2_000);
    assert.ok(Math.max(...settledMs) < 1_000, `${Math.max(...settledMs)}`);
    assert.ok(Math.min(...settledMs) > 500, `${Math.min(...settledMs)}`);
  });

  it("keeps calls below a second, also when they wait for a database and many are in flight", async () => {
    queue = createAdmissionQueue(
      createConcurrencyLimit(() => 0.5),
      () => now,
    );
    for (let turn = 0; turn < 1_000; turn++) {
      for (let n = 0; n < 20; n++) call();
      await serve(10, 500);
    }
    assert.ok(inFlight.length > 200, `${inFlight.length}`);
    const settledMs = Math.max(...waitsMs.slice(2_000));
    // A call that was admitted last waits for all others in flight, at 500 a second.
    assert.ok(settledMs + inFlight.length * 2 < 1_200, `${settledMs}, ${inFlight.length}`);
  });

  it("rejects what would take longer than its deadline leaves", async () => {
    for (let n = 0; n < 264; n++) call();
    await Promise.resolve();
    assert.equal(rejected, 0);
    const before = (await rejectedCalls.get()).values[0]?.value ?? 0;
    call(100);
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(rejected, 1);
    assert.equal((await rejectedCalls.get()).values[0]?.value, before + 1);
    assert.equal(queue.isOverloaded(), false);
    call(500);
    await Promise.resolve();
    assert.equal(rejected, 1);
  });

  it("is overloaded while a new call would take longer than a second, and no longer", async () => {
    for (let n = 0; n < 900; n++) call();
    assert.equal(queue.isOverloaded(), false);
    for (let n = 0; n < 200; n++) call();
    assert.equal(queue.isOverloaded(), true);
    while (inFlight.length > 0) await serve(50, 1_000);
    assert.equal(queue.isOverloaded(), false);
  });
});
