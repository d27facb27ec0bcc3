import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault } from "@plaza/kit/errors/fault";
import { after, day, minute } from "./account.ts";
import { accountLimit, countGuess, type Guesses, takeBackGuess } from "./login-attempts.ts";

const start = new Date("2026-01-01T00:00:00Z");
const none: Guesses = { failures: 0, blockTime: start, forgetTime: start };

describe("countGuess", () => {
  it("lets fewer than 120 wrong guesses through in the first day, however hard one tries", () => {
    let guesses = none;
    let made = 0;
    for (let time = start; time < after(start, day); time = after(time, 1_000)) {
      try {
        guesses = countGuess(guesses, accountLimit, time);
        made += 1;
      } catch (error) {
        assert.ok(error instanceof Fault && error.reason === "TOO_MANY_ATTEMPTS");
      }
    }
    assert.ok(made > 100 && made < 120, String(made));
  });

  it("makes nobody wait longer than 15 minutes", () => {
    const many: Guesses = { failures: 1_000_000, blockTime: start, forgetTime: after(start, day) };
    const { blockTime } = countGuess(many, accountLimit, start);
    assert.equal(blockTime.getTime() - start.getTime(), 15 * minute);
  });

  it("starts anew a day after the last wrong guess", () => {
    const many: Guesses = { failures: 50, blockTime: start, forgetTime: start };
    assert.equal(countGuess(many, accountLimit, start).failures, 1);
  });
});

describe("takeBackGuess", () => {
  it("undoes a count, and lets the next guess through", () => {
    const before: Guesses = { failures: 30, blockTime: start, forgetTime: after(start, day) };
    const counted = countGuess(before, accountLimit, start);
    assert.ok(counted.blockTime > start);
    assert.deepEqual(takeBackGuess(counted, start), before);
  });
});
