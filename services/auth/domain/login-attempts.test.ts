import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault } from "@plaza/kit/errors/fault";
import { type AttemptCounter, accountLimit, recordAttempt, undoAttempt } from "./login-attempts.ts";
import { addMs, dayMs, minuteMs } from "./time.ts";

const start = new Date("2026-01-01T00:00:00Z");
const none: AttemptCounter = { failures: 0, blockTime: start, forgetTime: start };

describe("countGuess", () => {
  it("lets fewer than 120 wrong guesses through in the first day, however hard one tries", () => {
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

  it("makes nobody wait longer than 15 minutes", () => {
    const many: AttemptCounter = {
      failures: 1_000_000,
      blockTime: start,
      forgetTime: addMs(start, dayMs),
    };
    const { blockTime } = recordAttempt(many, accountLimit, start);
    assert.equal(blockTime.getTime() - start.getTime(), 15 * minuteMs);
  });

  it("starts anew a day after the last wrong guess", () => {
    const many: AttemptCounter = { failures: 50, blockTime: start, forgetTime: start };
    assert.equal(recordAttempt(many, accountLimit, start).failures, 1);
  });
});

describe("takeBackGuess", () => {
  it("undoes a count, and lets the next guess through", () => {
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
