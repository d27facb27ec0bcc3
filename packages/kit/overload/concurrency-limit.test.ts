import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { type ConcurrencyLimit, createConcurrencyLimit } from "./concurrency-limit.ts";

describe("createConcurrencyLimit", () => {
  let now = 0;
  let limit: ConcurrencyLimit;

  let busy = 0;

  beforeEach(() => {
    busy = 0;
    limit = createConcurrencyLimit(() => busy);
    limit.start(now);
  });

  function pass(ms: number): void {
    for (const end = now + ms; now < end; ) {
      now += 10;
      limit.tick(now);
    }
  }

  /** Begins calls until there are too many. Answers what ends each. */
  function fill(): (() => void)[] {
    const ends: (() => void)[] = [];
    while (!limit.isReached()) ends.push(limit.acquire());
    return ends;
  }

  function endAll(ends: (() => void)[]): void {
    for (const end of ends) end();
  }

  it("is reached, and no more once a call has ended", () => {
    const [one, ...more] = fill();
    assert.equal(more.length, 63);
    one?.();
    assert.equal(limit.isReached(), false);
    limit.acquire();
    assert.equal(limit.isReached(), true);
  });

  it("takes more when it was reached and there was idle time", () => {
    for (let n = 0; n < 10; n++) {
      endAll(fill());
      limit.acquire();
      pass(100);
    }
    assert.ok(fill().length > 80);
  });

  it("does not grow while it is not reached", () => {
    limit.acquire();
    pass(900);
    assert.equal(fill().length, 63);
  });

  it("takes fewer when there was none, down to a few, and recovers", () => {
    const ends = fill();
    busy = 1;
    pass(300);
    endAll(ends);
    const fewer = fill();
    assert.ok(fewer.length < 50, `${fewer.length}`);
    endAll(fewer);
    pass(2_000);
    const least = fill();
    assert.equal(least.length, 32);
    endAll(least);
    busy = 0.9;
    for (let n = 0; n < 30; n++) {
      endAll(fill());
      limit.acquire();
      pass(100);
    }
    assert.ok(fill().length > 64);
  });

  it("counts no calls that have waited for a second, nor their end", () => {
    const ends = fill();
    pass(1_100);
    assert.equal(limit.isReached(), false);
    const next = fill();
    assert.ok(next.length >= 64);
    endAll(ends);
    assert.equal(limit.isReached(), true);
  });
});
