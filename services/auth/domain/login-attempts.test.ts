import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault } from "@plaza/kit/errors/fault";
import { type AttemptCounter, accountLimit, recordAttempt, undoAttempt } from "./login-attempts.ts";
import { addMs, dayMs, minuteMs } from "./time.ts";

const start = new Date("2026-01-01T00:00:00Z");
const none: AttemptCounter = { failures: 0, blockTime: start, forgetTime: start };

describe("recordAttempt", () => {
  it("allows fewer than 120 failed attempts in the first day", () => {
    let guesses = none;
    let made = 0;
    for (let time = start; time < addMs(start, dayMs); time = addMs(time, 1_000)) {
      try {
        guesses = recordAttempt(guesses, accountLimit, time);
        made += 1;
      } catch (error) {
        assert.ok(error instanceof Fault && error.reason === "TOO_MANY_ATTEMPTS");
      }
    }
    assert.ok(made > 100 && made < 120, String(made));
  });

  it("blocks for at most 15 minutes", () => {
    const many: AttemptCounter = {
      failures: 1_000_000,
      blockTime: start,
      forgetTime: addMs(start, dayMs),
    };
    const { blockTime } = recordAttempt(many, accountLimit, start);
    assert.equal(blockTime.getTime() - start.getTime(), 15 * minuteMs);
  });

  it("resets a day after the last failed attempt", () => {
    const many: AttemptCounter = { failures: 50, blockTime: start, forgetTime: start };
    assert.equal(recordAttempt(many, accountLimit, start).failures, 1);
  });
});

describe("undoAttempt", () => {
  it("uncounts an attempt, and allows the next one", () => {
    const before: AttemptCounter = {
      failures: 30,
      blockTime: start,
      forgetTime: addMs(start, dayMs),
    };
    const counted = recordAttempt(before, accountLimit, start);
    assert.ok(counted.blockTime > start);
    assert.deepEqual(undoAttempt(counted, start), before);
  });
});
