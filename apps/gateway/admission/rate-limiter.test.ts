import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Fault } from "@plaza/kit/errors/fault";
import type { MethodQuotas } from "../methods/quotas.ts";
import { createRateLimiter, type RateLimiter } from "./rate-limiter.ts";

const quotas: MethodQuotas = {
  caller: { count: 6, periodMs: 60_000 },
  network: { count: 3, periodMs: 60_000 },
  cost: 1,
};

describe("createRateLimiter", () => {
  let now: number;
  let rateLimiter: RateLimiter;

  beforeEach(() => {
    now = 1_000;
    rateLimiter = createRateLimiter({ requestsPerSecond: 2, now: () => now });
  });

  /** How often a call is allowed until it is rejected, and after what time to retry. */
  function useUp(once: () => void): { count: number; retryAfterMs: number | undefined } {
    for (let count = 0; ; count++) {
      try {
        once();
      } catch (error) {
        assert.ok(error instanceof Fault && error.reason === "TOO_MANY_REQUESTS");
        return { count, retryAfterMs: error.details.retryAfterMs };
      }
    }
  }

  it("allows a burst of ten seconds' worth, and then what it refills", () => {
    const once = () => rateLimiter.limitAddress("192.0.2.1");
    assert.deepEqual(useUp(once), { count: 20, retryAfterMs: 500 });
    now += 1_500;
    assert.equal(useUp(once).count, 3);
    now += 1_000_000;
    assert.equal(useUp(once).count, 20);
  });

  it("counts a call that costs more as several", () => {
    assert.equal(useUp(() => void rateLimiter.limitAddress("192.0.2.1", 5)).count, 4);
    assert.equal(useUp(() => void rateLimiter.limitAddress("192.0.2.1")).count, 0);
  });

  it("does not count what it rejects", () => {
    const once = () => rateLimiter.limitAddress("192.0.2.1");
    useUp(once);
    for (let i = 0; i < 100; i++) useUp(once);
    now += 500;
    assert.equal(useUp(once).count, 1);
  });

  it("counts per account, and anonymous callers per network", () => {
    const call = (account: string | undefined, address: string) => () =>
      rateLimiter.limitMethodByCaller(account, address, "S/M", quotas);
    assert.equal(useUp(call("a", "192.0.2.1")).count, 6);
    assert.equal(useUp(call("a", "192.0.2.2")).count, 0);
    assert.equal(useUp(call("b", "192.0.2.1")).count, 6);
    assert.equal(useUp(call(undefined, "2001:db8:1:1::1")).count, 6);
    assert.equal(useUp(call(undefined, "2001:db8:1:1::2")).count, 0);
    const other = () => rateLimiter.limitMethodByCaller("a", "192.0.2.1", "S/Other", quotas);
    assert.equal(useUp(other).count, 6);
  });

  it("counts a method's calls per network where its contract states it", () => {
    const call = () => rateLimiter.limitMethodByNetwork("192.0.2.1", "S/M", quotas);
    assert.equal(useUp(call).count, 3);
    for (let i = 0; i < 100; i++) {
      void rateLimiter.limitMethodByNetwork("192.0.2.1", "S/Other", {
        ...quotas,
        network: undefined,
      });
    }
  });

  it("evicts the least recently used of 100,000 callers", () => {
    const call = (account: string) => () =>
      rateLimiter.limitMethodByCaller(account, "", "S/M", quotas);
    useUp(call("first"));
    for (let i = 0; i < 100_000; i++) void call(`${i}`)();
    assert.equal(useUp(call("first")).count, 6);
    assert.equal(useUp(call("99999")).count, 5);
  });

  it("does not limit at a rate of 0", () => {
    const none = createRateLimiter({ requestsPerSecond: 0 });
    for (let i = 0; i < 1_000; i++) {
      void none.limitAddress("a");
      void none.limitMethodByNetwork("a", "S/M", quotas);
      void none.limitMethodByCaller("a", "a", "S/M", quotas);
    }
  });
});
