import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { minutesToRead } from "./reading-time.ts";

describe("minutesToRead", () => {
  const minutes = 4;
  for (const [script, sentence, words] of [
    ["English", "The oven is warm. ", 4],
    ["Japanese", "猫が好きです。", 4],
    ["Thai", "ฉันรักแมว ", 3],
  ] as const) {
    it(`counts the words of ${script}`, () => {
      const text = sentence.repeat(Math.round((minutes * 230) / words));
      const measured = minutesToRead(text);
      assert.ok(Math.abs(measured - minutes) <= 1, `${measured} minutes`);
    });
  }

  it("counts what the page shows", () => {
    const link = "[word](https://example.org/a/very/long/path-of-many-words) ";
    assert.equal(minutesToRead(link.repeat(230)), 1);
  });

  it("is at least one minute", () => assert.equal(minutesToRead(""), 1));
});
