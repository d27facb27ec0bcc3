import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Fault } from "@plaza/kit/errors/fault";
import type { MethodQuotas } from "../methods/quotas.ts";
import { createRateLimiter, type RateLimiter } from "./rate-limiter.ts";

const quotas: MethodQuotas = {
  caller: { count: 6, periodMs: 60_000 },
  network: { count: 3, periodMs: 60_000 },
};

describe("createRateLimit", () => {
  let now: number;
  let limit: RateLimiter;

  beforeEach(() => {
    now = 1_000;
    limit = createRateLimiter(2, () => now);
  });

  /** How often something can be done until it is refused, and when it could be done again. */
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

  it("lets ten seconds' worth come at once, and then as much as it refills", () => {
    const once = () => limit.limitAddress("192.0.2.1");
    assert.deepEqual(useUp(once), { count: 20, retryAfterMs: 500 });
    now += 1_500;
    assert.equal(useUp(once).count, 3);
    now += 1_000_000;
    assert.equal(useUp(once).count, 20);
  });

  it("takes nothing for what it refuses", () => {
    const once = () => limit.limitAddress("192.0.2.1");
    useUp(once);
    for (let i = 0; i < 100; i++) useUp(once);
    now += 500;
    assert.equal(useUp(once).count, 1);
  });

  it("knows accounts by themselves, and others by their network", () => {
    const call = (account: string | undefined, address: string) => () =>
      limit.limitMethodByCaller(account, address, "S/M", quotas);
    assert.equal(useUp(call("a", "192.0.2.1")).count, 6);
    assert.equal(useUp(call("a", "192.0.2.2")).count, 0);
    assert.equal(useUp(call("b", "192.0.2.1")).count, 6);
    assert.equal(useUp(call(undefined, "2001:db8:1:1::1")).count, 6);
    assert.equal(useUp(call(undefined, "2001:db8:1:1::2")).count, 0);
    const other = () => limit.limitMethodByCaller("a", "192.0.2.1", "S/Other", quotas);
    assert.equal(useUp(other).count, 6);
  });

  it("counts a method's calls from a network where its contract says so", () => {
    const call = () => limit.limitMethodByNetwork("192.0.2.1", "S/M", quotas);
    assert.equal(useUp(call).count, 3);
    for (let i = 0; i < 100; i++) {
      limit.limitMethodByNetwork("192.0.2.1", "S/Other", { ...quotas, network: undefined });
    }
  });

  it("remembers so many callers and no more", () => {
    const call = (account: string) => () => limit.limitMethodByCaller(account, "", "S/M", quotas);
    useUp(call("first"));
    for (let i = 0; i < 100_000; i++) call(`${i}`)();
    assert.equal(useUp(call("first")).count, 6);
    assert.equal(useUp(call("99999")).count, 5);
  });

  it("of 0 is none", () => {
    const none = createRateLimiter(0);
    for (let i = 0; i < 1_000; i++) {
      none.limitAddress("a");
      none.limitMethodByNetwork("a", "S/M", quotas);
      none.limitMethodByCaller("a", "a", "S/M", quotas);
    }
  });
});
