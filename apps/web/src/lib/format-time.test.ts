import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { formatClockTime, formatCompactTime, formatDay } from "./format-time.ts";

const now = new Date("2026-03-05T00:30");

describe("times in chats", () => {
  it("formatClockTime uses 24 hours", () => {
    assert.equal(formatClockTime(timestamp("2026-03-05T00:05")), "00:05");
  });

  it("formatDay names today and yesterday by calendar day, then gives the date", () => {
    assert.equal(formatDay(timestamp("2026-03-05T00:01"), now), "Today");
    assert.equal(formatDay(timestamp("2026-03-04T23:59"), now), "Yesterday");
    assert.equal(formatDay(timestamp("2026-03-03T23:59"), now), "Tuesday, March 3");
    assert.equal(formatDay(timestamp("2024-03-02T12:00"), now), "March 2, 2024");
  });

  it("formatCompactTime gets coarser with age", () => {
    assert.equal(formatCompactTime(timestamp("2026-03-05T00:01"), now), "00:01");
    assert.equal(formatCompactTime(timestamp("2026-03-04T23:59"), now), "Wed");
    assert.equal(formatCompactTime(timestamp("2026-02-26T12:00"), now), "Feb 26");
    assert.equal(formatCompactTime(timestamp("2024-02-26T12:00"), now), "Feb 26, 2024");
  });
});

function timestamp(time: string) {
  return timestampFromDate(new Date(time));
}
