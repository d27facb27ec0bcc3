import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatMoney, parseMoney, toDecimal } from "./money.ts";

describe("money", () => {
  it("has the decimals of its currency", () => {
    assert.equal(formatMoney(1250n, "EUR"), "€12.50");
    assert.equal(formatMoney(1250n, "JPY"), "¥1,250");
    assert.equal(formatMoney(1250n, "KWD").replaceAll("\u00a0", " "), "KWD 1.250");
    assert.equal(formatMoney(98_999_999_901n, "EUR"), "€989,999,999.01");
  });

  it("parses a decimal with point, comma or neither", () => {
    assert.equal(parseMoney("12.50", "EUR"), 1250n);
    assert.equal(parseMoney(" 12,5 ", "EUR"), 1250n);
    assert.equal(parseMoney("12", "EUR"), 1200n);
    assert.equal(parseMoney("1250", "JPY"), 1250n);
  });

  it("parses nothing else", () => {
    for (const text of ["", "free", "-1", "1,250.00", "1,250", "12.505", ".5", "1e3"]) {
      assert.equal(parseMoney(text, "EUR"), undefined, text);
    }
    assert.equal(parseMoney("12.5", "JPY"), undefined);
  });

  it("parses what toDecimal writes", () => {
    for (const [minor, currency] of [
      [0n, "EUR"],
      [5n, "EUR"],
      [1250n, "JPY"],
      [1250n, "KWD"],
      [999_999_999n, "EUR"],
    ] as const) {
      assert.equal(parseMoney(toDecimal(minor, currency), currency), minor);
    }
  });
});
