import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { createFormat } from "./format.ts";
import { formatLocale } from "./format-locale.ts";

const now = new Date("2026-03-05T00:30");
const time = (text: string) => new Date(text);
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, " ");

describe("formatLocale", () => {
  it("is English by the conventions of the reader's region", () => {
    assert.equal(formatLocale(["en-GB", "en"]), "en-GB");
    assert.equal(formatLocale(["fr-CA", "en-US"]), "en-US");
    assert.equal(formatLocale(["de"]), "en-DE");
    assert.equal(formatLocale(["pt-BR"]), "en-001-u-hc-h23");
    assert.equal(formatLocale(["ar-EG"]), "en-001-u-hc-h12");
    assert.equal(formatLocale([]), "en-US");
  });
});

describe("format", () => {
  const [british, american] = [createFormat(["en-GB"]), createFormat(["en-US"])];

  it("has one clock for all times of a reader", () => {
    for (const [languages, clock] of [
      [["en-GB"], "06:05"],
      [["en-US"], "6:05 AM"],
      [["de-DE"], "06:05"],
      [["pt-BR"], "06:05"],
    ] as const) {
      const format = createFormat(languages);
      const at = time("2026-03-05T06:05");
      for (const text of [
        format.clockTime(at),
        format.compactTime(at, now),
        format.dateTime(at),
        format.fullDateTime(at),
      ]) {
        assert.ok(plain(text).endsWith(clock), `${languages}: ${text}`);
      }
    }
  });

  it("names today and yesterday by calendar day, then gives the date", () => {
    assert.equal(british.day(time("2026-03-05T00:01"), now), "Today");
    assert.equal(british.day(time("2026-03-04T23:59"), now), "Yesterday");
    assert.equal(british.day(time("2026-03-03T23:59"), now), "Tuesday 3 March");
    assert.equal(british.day(time("2024-03-02T12:00"), now), "2 March 2024");
    assert.equal(american.day(time("2024-03-02T12:00"), now), "March 2, 2024");
  });

  it("gives a month with its year", () => {
    assert.equal(british.month(time("2024-03-02T12:00")), "March 2024");
    assert.equal(createFormat(["de"]).month(time("2024-03-02T12:00")), "March 2024");
  });

  it("gets coarser with age", () => {
    assert.equal(british.compactTime(time("2026-03-05T00:01"), now), "00:01");
    assert.equal(british.compactTime(time("2026-03-04T23:59"), now), "Wed");
    assert.equal(british.compactTime(time("2026-02-26T12:00"), now), "26 Feb");
    assert.equal(british.compactTime(time("2024-02-26T12:00"), now), "26 Feb 2024");
    assert.equal(british.relativeTime(time("2026-03-05T00:29:50"), now), "just now");
    assert.equal(british.relativeTime(time("2026-03-05T00:20"), now), "10 minutes ago");
    assert.equal(british.relativeTime(time("2026-03-04T00:30"), now), "yesterday");
    assert.equal(british.relativeTime(time("2026-02-01T00:30"), now), "1 Feb");
  });

  it("is the only place that writes dates, times and numbers by locale", () => {
    const source = `${import.meta.dirname}/..`;
    const elsewhere = globSync("**/*.{ts,tsx}", { cwd: source }).filter(
      (file) =>
        !/^lib\/format(-locale)?(\.test)?\.ts$/.test(file) &&
        /\bnew Intl\.(?!Segmenter)|\.toLocale(?:Date|Time)?String\(/.test(
          readFileSync(`${source}/${file}`, "utf8"),
        ),
    );
    assert.deepEqual(elsewhere, []);
  });
});
