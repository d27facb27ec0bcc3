import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { createServiceRate, type ServiceRate } from "./service-rate.ts";

describe("createServiceRate", () => {
  let now = 0;
  let rate: ServiceRate;

  beforeEach(() => {
    rate = createServiceRate();
    rate.start(now);
  });

  function serve(calls: number, ms: number, isPaused = false): void {
    for (let n = 0; n < calls; n++) rate.countCall();
    if (isPaused) rate.pause();
    now += ms;
    rate.tick(now);
  }

  it("is the rate of the best half second of the last two", () => {
    for (const calls of [200, 100, 100, 50, 150]) serve(calls, 100);
    assert.equal(rate.callsPerSecond(), 1_200);
    for (let n = 0; n < 20; n++) serve(20, 100);
    assert.equal(rate.callsPerSecond(), 200);
    serve(0, 1_500);
    assert.equal(rate.callsPerSecond(), 200);
  });

  it("is assumed until there was a queue for some time", () => {
    for (let n = 0; n < 15; n++) serve(1, 100);
    assert.equal(rate.callsPerSecond(), 1_000);
    serve(1, 100);
    assert.ok(rate.callsPerSecond() < 1_000);
    for (let n = 0; n < 4; n++) serve(1, 100);
    assert.equal(rate.callsPerSecond(), 10);
  });

  it("is not changed by intervals in which the queue was empty", () => {
    for (let n = 0; n < 20; n++) serve(300, 100);
    for (let n = 0; n < 20; n++) serve(1, 100, true);
    assert.equal(rate.callsPerSecond(), 3_000);
  });
});
