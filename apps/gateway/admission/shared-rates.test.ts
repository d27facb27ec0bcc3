import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "@plaza/kit/errors/fault";
import { silentLogger } from "@plaza/kit/telemetry/log";
import { skipWithoutRedis, startRedis, type TestRedis } from "@plaza/kit/testing/redis";
import { createRateLimiter } from "./rate-limiter.ts";
import { createSharedRates, type SharedRates } from "./shared-rates.ts";

/** On a busy machine Redis may take longer than requests wait. */
const patientTimeoutMs = 10_000;
const quota = { count: 10, periodMs: 60_000 };

describe("createSharedRates", { skip: skipWithoutRedis }, () => {
  let redis: TestRedis;
  let gateways: [SharedRates, SharedRates];

  before(async () => {
    redis = await startRedis();
    gateways = [
      createSharedRates(redis.url, silentLogger, patientTimeoutMs),
      createSharedRates(redis.url, silentLogger, patientTimeoutMs),
    ];
    for (const one of gateways) await untilCounting(one);
  });
  after(async () => {
    for (const one of gateways) await one.close();
    await redis.stop();
  });

  async function untilCounting(rates: SharedRates): Promise<void> {
    const used = { ...quota, count: 1 };
    while ((await rates.consume(`ready ${Math.random()}`, used, 2)) === 0) await sleep(10);
  }

  it("counts the requests of all gateways together, also those at the same time", async () => {
    const all = Array.from({ length: 30 }, (_, n) => gateways[n % 2]?.consume("a", quota, 1));
    const allowed = (await Promise.all(all)).filter((tooEarlyMs) => tooEarlyMs === 0);
    assert.equal(allowed.length, 10);
  });

  it("resolves to the time after which a request is within the quota", async () => {
    assert.equal(await gateways[0].consume("b", quota, 10), 0);
    const tooEarlyMs = await gateways[1].consume("b", quota, 2);
    assert.ok(tooEarlyMs > 6_000 && tooEarlyMs <= 12_000, `${tooEarlyMs}`);
    assert.equal(await gateways[1].consume("c", { count: 10, periodMs: 100 }, 10), 0);
    await sleep(50);
    assert.equal(await gateways[0].consume("c", { count: 10, periodMs: 100 }, 3), 0);
  });

  it("leaves the limits to each gateway while Redis is down, and counts again after", async () => {
    const limiters = gateways.map((shared) =>
      createRateLimiter({ requestsPerSecond: 1, shared, now: () => 0 }),
    );
    const count = async () => {
      let allowed = 0;
      for (let n = 0; n < 40; n++) {
        try {
          await limiters[n % 2]?.limitAddress("192.0.2.1");
          allowed++;
        } catch (error) {
          assert.ok(error instanceof Fault && error.reason === "TOO_MANY_REQUESTS");
        }
      }
      return allowed;
    };
    assert.equal(await count(), 10);
    await redis.restart();
    for (const one of gateways) await untilCounting(one);
    assert.equal(await gateways[0].consume("d", quota, 10), 0);
    await redis.stop();
    assert.equal(await gateways[1].consume("d", quota, 10), 0);
    redis = await startRedis();
  });
});
