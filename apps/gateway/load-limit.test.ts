import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { createLimit, type Limit } from "./load-limit.ts";

describe("createLimit", () => {
  let now = 0;
  let limit: Limit;

  beforeEach(() => {
    limit = createLimit();
    limit.start(now);
  });

  /** Lets time pass in which every tick comes so late. */
  function pass(ms: number, lateMs = 0): void {
    for (const end = now + ms; now < end; ) {
      now += 10 + lateMs;
      limit.tick(now);
    }
  }

  /** Begins calls until there are too many. Answers what ends each. */
  function fill(): (() => void)[] {
    const ends: (() => void)[] = [];
    while (!limit.isReached()) ends.push(limit.begin());
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
    limit.begin();
    assert.equal(limit.isReached(), true);
  });

  it("takes more when it was reached and in time", () => {
    for (let n = 0; n < 10; n++) {
      endAll(fill());
      limit.begin();
      pass(100);
    }
    assert.ok(fill().length > 80);
  });

  it("takes no more for time in which it was not asked for more", () => {
    limit.begin();
    pass(900);
    assert.equal(fill().length, 63);
  });

  it("takes fewer when it is late, down to a few, and recovers", () => {
    const ends = fill();
    pass(300, 20);
    endAll(ends);
    const fewer = fill();
    assert.ok(fewer.length < 50, `${fewer.length}`);
    endAll(fewer);
    for (let n = 0; n < 30; n++) {
      limit.begin();
      pass(100, 20);
    }
    pass(1_100, 20);
    const least = fill();
    assert.equal(least.length, 16);
    endAll(least);
    for (let n = 0; n < 30; n++) {
      endAll(fill());
      limit.begin();
      pass(100);
    }
    assert.ok(fill().length > 64);
  });

  it("bears a turn that is late once", () => {
    limit.begin();
    now += 40;
    limit.tick(now);
    pass(200);
    assert.equal(fill().length, 63);
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
