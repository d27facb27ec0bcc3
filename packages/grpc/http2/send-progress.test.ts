import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SendProgress } from "./send-progress.ts";

const mebibyte = 1024 * 1024;

/** How long a peer is over the limit after a minute in which it takes so many bytes a second. */
function stalledMs(waitingBytes: number, bytesPerSecond: number): number {
  const progress = new SendProgress(mebibyte, 0);
  for (let second = 0; second <= 60; second++) {
    progress.record(waitingBytes, second * bytesPerSecond, 1_000 * second);
  }
  return progress.stalledOverLimitMs(60_000);
}

describe("a peer for which data waits", () => {
  it("is stalled while it takes nothing, or too little of much", () => {
    assert.equal(stalledMs(2 * mebibyte, 0), 60_000);
    assert.equal(stalledMs(64 * mebibyte, 4_700), 60_000 - 0);
  });

  it("is not while it takes a window, or a 64th of much, now and then", () => {
    assert.ok(stalledMs(2 * mebibyte, 4_700) < 20_000);
    assert.ok(stalledMs(64 * mebibyte, 64 * 1_024) < 20_000);
  });

  it("may take its time for little", () => {
    assert.equal(stalledMs(mebibyte, 0), 0);
  });
});
